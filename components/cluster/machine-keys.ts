import { z } from "zod";
import { defaults } from "../../node-config/defaults";
import { distinct, text } from "../../node-config/values/rule";
import { values } from "../../node-config/values/shapes";
import { volumeDirectory } from "../../node-config/values/volumes";

/** What a machine of a cluster is, key by key: see settings-keys.ts. */

export const hypervisorKeys = {
  name: values.hostName,
  address: values.address,
  user: values.userName.default(defaults.user).describe("Login user: root, or one with sudo without a password."),
  hostKey: values.hostKey.describe(
    "First two words of /etc/ssh/ssh_host_ed25519_key.pub. SSH refuses a machine that has another one.",
  ),
  bridge: values.bridge.describe(
    "Bridge into the nodes' network, which exists already, unless prepare makes it: at most 15 characters.",
  ),
  prepare: z
    .boolean()
    .default(defaults.prepare)
    .describe(
      "Before the preflight, a fresh Debian 12 or 13 gets what is missing: packages from its own apt sources, libvirt and a clock that run, and the bridge, whose port is the card with the address by which ssh reaches the machine. It undoes itself unless another ssh session confirms it. What is there stays as it is.",
    ),
  fabricBridge: values.bridge
    .optional()
    .describe(
      "Bridge into network.fabric, which exists already and carries its MTU: workers that kjerne makes here have a second card on it. Left out: their pods get no interface there.",
    ),
  imageDirectory: values.directory
    .default(defaults.imageDirectory)
    .describe("Where node images are kept, outside the pool so that they outlive it."),
};

export const poolKeys = {
  name: values.poolName.default(defaults.pool.name),
  path: values.directory
    .default(defaults.pool.path)
    .describe("A directory for kjerne alone, made when missing, without a slash at the end."),
  medium: values.medium
    .default(defaults.pool.medium)
    .describe("nvme: the preflight checks it. emulated: any disk, only for a lab; the report says so."),
};

const anyNode = {
  name: values.hostName,
  role: values.role,
  address: values.address.describe("In the node network."),
  taints: values.taints
    .optional()
    .describe("An empty list: none. Left out: kubeadm's, which keeps workloads off control planes."),
  labels: values.nodeLabels.optional(),
  volumes: distinct(
    z.strictObject({
      directory: text(volumeDirectory).describe(
        "Made by kjerne, below /srv, or below /mnt on a file system that is mounted there; another one is another volume.",
      ),
      sizeGiB: values.volumeGiB.describe(
        "What claims count by. Only a file system of that size keeps a pod from writing more.",
      ),
    }),
    ({ directory }) => directory.replaceAll("/", "-"),
  )
    .optional()
    .describe(
      "Directories that pods claim, of the StorageClass kjerne-local. A pod goes where its volume lies. The files go with the machine. Left out: none.",
    ),
};

export const kvmNodeKeys = {
  ...anyNode,
  hypervisor: z
    .string(
      "is missing: name the hypervisor that kjerne makes the node on, or give machine: { hostKey } of one that is there",
    )
    .pipe(values.hostName),
  cpus: values.cpus.describe("2 or more for a control plane: kubeadm's rule."),
  memoryMiB: values.memoryMiB.describe("2048 or more for a control plane: kubeadm's rule."),
  rootGiB: values.rootGiB.default(defaults.rootGiB),
  etcdGiB: values.etcdGiB
    .default(defaults.etcdGiB)
    .describe("Size of a separate disk for etcd. Only control planes have it."),
  pinnedCpus: values.pinnedCpus
    .optional()
    .describe("CPUs of the hypervisor that the node's run on, in order. Left out: its scheduler decides."),
};

export const existingNodeKeys = anyNode;

export const machineKeys = {
  address: values.address.optional().describe("Where its sshd listens. Left out: the node's own address."),
  port: values.port.default(22),
  user: values.userName.default(defaults.user),
  hostKey: values.hostKey,
  container: z.boolean().default(false).describe("A system container: its kernel is its host's."),
  fabricInterface: values.networkCard
    .optional()
    .describe(
      "Its card on network.fabric, such as fab0: up, with the fabric's MTU, and not that of the node's address. Left out: its pods get no interface there.",
    ),
  untestedRelease: z
    .boolean()
    .default(false)
    .describe("Takes another release than Debian 12 and 13, on which kjerne was never seen working."),
};
