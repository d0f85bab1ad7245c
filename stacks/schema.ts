import { isIP } from "node:net";
import { z } from "zod";
import { defaults } from "../node-config/defaults";
import { sysctlProfiles } from "../node-config/sysctl";
import { address, hostName, hypervisor, node } from "./machine-schema";
import { company, country, residency } from "./residency-schema";

/**
 * The shape of `stacks/Pulumi.<environment>.yaml`: what an operator decides. One top-level key here is one `kjerne:` key
 * there. The values of `defaults` stand in node-config/defaults.ts; machines are in machine-schema.ts; rules that tie
 * several keys together are in cross-checks/.
 */

const cidr = z
  .string()
  .refine((text) => /^[\d.]+\/([89]|[12]\d|3[0-2])$/.test(text) && isIP(text.split("/")[0] ?? "") === 4, {
    error: "is not an IPv4 network such as 10.20.0.0/24",
  });
const asNumber = z.int().min(1).max(4294967294);

/** Where the environment is and who controls it: plain facts that the policy packs judge. */
const site = z.strictObject({
  name: z.string(),
  country,
  city: z.string(),
  /** Who runs the machines, where that company sits, and where its ultimate owner sits. */
  operator: company,
  /** Countries from which staff with access work. */
  supportCountries: z.array(country).min(1),
  /** Class of the data by the operator's own classification, such as `internal` or `personal`. */
  dataClass: z.string(),
  /**
   * Number or case of the data centre's registration with Nkom, Norway's communications authority; `own-premises` for a
   * room that is not a data centre.
   */
  nkomRegistration: z.string().optional(),
});

const network = z.strictObject({
  nodeCidr: cidr,
  gateway: address,
  /** At least one: CoreDNS exits when it has no server to forward names outside the cluster to. */
  nameservers: z.array(address).min(1),
  timeServers: z.array(z.string()).default([]),
  mtu: z.int().min(1280).max(9216).default(defaults.mtu),
  podCidr: cidr.default(defaults.podCidr),
  serviceCidr: cidr.default(defaults.serviceCidr),
  calico: z.strictObject({
    version: z.string(),
    /** Calico's calico.yaml of that version: an https:// address or a file; `~` is the home directory. */
    manifest: z.string(),
    manifestSha256: z.string().regex(/^[0-9a-f]{64}$/, "is not a SHA-256 in hexadecimal"),
    /** Left out: interface=eth0 where kjerne makes every machine, otherwise kubernetes-internal-ip. */
    autodetection: z.string().optional(),
    blockSize: z.int().min(20).max(29).default(defaults.blockSize),
    asNumber: asNumber.default(defaults.asNumber),
    /** Routers that learn the routes to pods by BGP. An authenticated one has a secret `kjerne:bgpPasswords.<name>`. */
    peers: z
      .array(z.strictObject({ name: hostName, address, asNumber, authenticated: z.boolean().default(true) }))
      .default([]),
  }),
});

const kubernetes = z.strictObject({
  version: z.string(),
  /**
   * The API server: a host name that stays when control planes come and go, and the address behind it, for nodes and
   * operators. With one control plane it is that node's address; with three, one that leads to all of them, such as a
   * load balancer's. kjerne does not make it.
   */
  endpoint: z.strictObject({ host: z.string(), address, port: z.int().default(defaults.apiPort) }),
  proxy: z
    .strictObject({
      mode: z.enum(["ipvs", "nftables", "iptables"]).default(defaults.proxy.mode),
      scheduler: z.enum(["rr", "wrr", "sh", "lc", "wlc"]).default(defaults.proxy.scheduler),
      syncPeriodSeconds: z.int().min(1).default(defaults.proxy.syncPeriodSeconds),
      strictArp: z.boolean().default(defaults.proxy.strictArp),
    })
    .prefault({}),
  /** Sysctl profiles of every node, in addition to each other and to the kernel settings that Kubernetes needs. */
  sysctlProfiles: z.array(z.enum(sysctlProfiles)).default([...defaults.sysctlProfiles]),
  /** agnhost image of the pods that the verification starts. With its digest where the supply does not hold it. */
  probeImage: z.string(),
});

const supply = z.strictObject({
  /** Signed apt repositories that hold Debian and Kubernetes. */
  packages: z
    .array(
      z.strictObject({ uri: z.url(), suite: z.string(), components: z.array(z.string()), signedByFile: z.string() }),
    )
    .min(1),
  /** The file `supply.json` that tools/supply writes: packages with their versions, images with their digests. */
  index: z.string(),
  /** For each upstream registry, the mirror that nodes pull its images from. */
  imageMirrors: z.array(z.strictObject({ registry: z.string(), mirror: z.url() })).min(1),
});

const namespacePolicy = z.strictObject({
  namespace: hostName,
  allow: z
    .array(
      z.strictObject({
        from: z.string(),
        to: z.string(),
        port: z.int().min(1).max(65535),
        protocol: z.enum(["TCP", "UDP"]).default("TCP"),
      }),
    )
    .default([]),
});

export const schema = z.strictObject({
  /**
   * The cluster's name, apart from the stack's: machines, disks and files carry it, so it never changes. Of a cluster
   * that was made before this setting, it is the name that the stack had then.
   */
  name: z
    .string(
      "is missing: name the cluster, once and for all; for one that runs already it is the name that its stack had when it was made",
    )
    .pipe(hostName),
  site,
  ssh: z.strictObject({ privateKeyFile: z.string(), publicKeyFile: z.string() }),
  /** `emulated` allows processors that QEMU emulates in software, with longer timeouts. Never for production. */
  virtualisation: z.enum(["kvm", "emulated"]).default("kvm"),
  hypervisors: z.array(hypervisor).default([]),
  nodes: z.array(node).min(1),
  network,
  kubernetes,
  supply,
  defaultDeny: z.array(namespacePolicy).default([]),
  /**
   * Whether the engine refuses to delete or replace control planes with their disks and the key of all Secrets. To do it
   * on purpose, set false and run `pulumi up` first.
   */
  deletionProtection: z.boolean().default(true),
  residency,
});

export type Settings = z.infer<typeof schema>;
