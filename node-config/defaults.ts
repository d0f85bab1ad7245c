import { versions } from "./versions";

/**
 * Every default that more than one place has to know: components apply it, `stacks/schema.ts` shows it to operators,
 * and a docstring's `@default` repeats it. Memory and disks in MiB and GiB, as everywhere.
 */
export const defaults = {
  /** Login user of a hypervisor or of a machine that was there before. */
  user: "root",
  pool: { name: "kjerne", path: "/var/lib/kjerne/pool", medium: "nvme" },
  /** Directory on a hypervisor for node images, outside the pool so that they outlive it. */
  imageDirectory: "/var/lib/kjerne/images",
  /** Whether a hypervisor gets what its preflight would miss. */
  prepare: false,
  debian: versions.debian,
  rootGiB: 40,
  /** A control plane's. */
  etcdGiB: 8,
  /** CPU steal that a machine may show, in percent of all its CPUs. */
  maximumStealPercent: 5,
  mtu: 1500,
  fabricMtu: 9000,
  fabricKind: "macvlan",
  fabricMultus: false,
  podCidr: "10.244.0.0/16",
  serviceCidr: "10.96.0.0/16",
  /** How Calico finds a node's address on machines that kjerne makes; the articles' own choice. */
  autodetection: "interface=eth0",
  /** The same where kjerne did not make every machine, and interfaces have any name: kubelet's `--node-ip`. */
  autodetectionOfAny: "kubernetes-internal-ip",
  /** 64 addresses for each block of a node: Calico's own default. */
  blockSize: 26,
  /** First of the private 16-bit numbers (RFC 6996), Calico's own default. */
  asNumber: 64512,
  meshPassword: 1,
  apiPort: 6443,
  endpointBy: "yours",
  proxy: { mode: "ipvs", scheduler: "rr", syncPeriodSeconds: 30 },
  exclusiveCpus: { reservedSystemCpus: "0" },
  sysctlProfiles: ["base", "router"],
  encryptionKey: 1,
  slowEtcdDisk: "refused",
  operators: [],
  upgrade: { workersAtOnce: 1, drainMinutes: 5, withoutBackup: false },
  backup: { region: "us-east-1", prefix: "", everyMinutes: 60, keep: { count: 48, days: 14 } },
} as const;
