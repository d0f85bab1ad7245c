import { isIP } from "node:net";
import { z } from "zod";
import { defaults } from "../node-config/defaults";

/** The part of the settings' shape that is about machines: `kjerne:hypervisors` and `kjerne:nodes`. */

export const address = z.string().refine((text) => isIP(text) === 4, "is not an IPv4 address such as 10.20.0.11");
export const hostName = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,40}$/, "is not a host name: lower-case letters, digits and hyphens");
/** The ed25519 host key, as in /etc/ssh/ssh_host_ed25519_key.pub. SSH refuses a machine that has another one. */
const hostKey = z
  .string()
  .regex(/^ssh-ed25519 /, "is not an ed25519 host key (`ssh-keyscan -t ed25519`, then compare)");

export const hypervisor = z.strictObject({
  name: hostName,
  address,
  user: z.string().default(defaults.user),
  hostKey,
  bridge: z.string(),
  pool: z
    .strictObject({
      name: z.string().default(defaults.pool.name),
      path: z.string().startsWith("/").default(defaults.pool.path),
      /** `nvme`: the hypervisor's preflight checks it. `emulated`: any disk, only for a lab; the report says so. */
      medium: z.enum(["nvme", "emulated"]).default(defaults.pool.medium),
    })
    .prefault({}),
  /** Where node images are kept, outside the pool so that they outlive it. */
  imageDirectory: z.string().startsWith("/").default(defaults.imageDirectory),
});

const anyNode = {
  name: hostName,
  role: z.enum(["control-plane", "worker"]),
  address,
  taints: z
    .array(
      z.strictObject({
        key: z.string(),
        value: z.string().optional(),
        effect: z.enum(["NoSchedule", "PreferNoSchedule", "NoExecute"]),
      }),
    )
    .optional(),
};

/** A node on a virtual machine that kjerne makes. */
export const kvmNode = z.strictObject({
  ...anyNode,
  kind: z.literal("kvm"),
  hypervisor: z
    .string(
      "is missing: name the hypervisor that kjerne makes the node on, or give machine: { hostKey } of one that is there",
    )
    .pipe(hostName),
  /** 2 or more for a control plane: kubeadm's rule. */
  cpus: z.int().min(1).max(256),
  /** 2048 or more for a control plane: kubeadm's rule. */
  memoryMiB: z.int().min(1024),
  rootGiB: z.int().min(4).default(defaults.rootGiB),
  /** Size of a separate disk for etcd. Only control planes have it. */
  etcdGiB: z.int().min(1).default(defaults.etcdGiB),
  /** Host CPUs that the virtual ones run on, in order. Left out: the kernel's scheduler decides. */
  pinnedCpus: z.array(z.int().min(0)).optional(),
});

/** A node on a machine that was there before: rented, bare metal, or a lab's. It calls itself by the node's name. */
export const existingNode = z.strictObject({
  ...anyNode,
  kind: z.literal("existing"),
  machine: z.strictObject({
    /** Where its sshd listens. Left out: the node's own address. */
    address: address.optional(),
    port: z.int().min(1).max(65535).default(22),
    user: z.string().default(defaults.user),
    hostKey,
    /** A system container: its kernel is its host's. */
    container: z.boolean().default(false),
    /** Takes another release than Debian 12 and 13, on which kjerne was never seen working. */
    untestedRelease: z.boolean().default(false),
  }),
});

/** Which of the two a node is shows in its keys. */
export const node = z.preprocess(
  (given) => (given && typeof given === "object" ? { kind: "machine" in given ? "existing" : "kvm", ...given } : given),
  z.discriminatedUnion("kind", [kvmNode, existingNode]),
);
