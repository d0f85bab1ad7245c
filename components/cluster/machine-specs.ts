import type { Taint } from "../../node-config/taints";
import type { VolumeSpec } from "../../node-config/volumes";
import type { Pool } from "../hypervisor/hypervisor";
import type { MachineSpec } from "../node/existing-machine";

export interface HypervisorSpec {
  readonly name: string;
  readonly address: string;
  /** Login user: root, or one with password-less sudo. @default "root" */
  readonly user?: string;
  /** Pinned ed25519 host key, as in `/etc/ssh/ssh_host_ed25519_key.pub`. */
  readonly hostKey: string;
  /** Bridge into the nodes' network; it exists already, unless `prepare` makes it. */
  readonly bridge: string;
  /** Whether a fresh Debian gets what the preflight would miss: see `Hypervisor`. @default false */
  readonly prepare?: boolean;
  /** Bridge into the fabric; it exists already. Workers here have a second card on it. @default - a single card */
  readonly fabricBridge?: string;
  /** @default - libvirt pool `kjerne` in `/var/lib/kjerne/pool`, which must lie on NVMe */
  readonly pool?: Partial<Pool>;
  /** Where node images are kept. @default "/var/lib/kjerne/images" */
  readonly imageDirectory?: string;
}

interface AnyNodeSpec {
  readonly name: string;
  readonly role: "control-plane" | "worker";
  /** In the node network. */
  readonly address: string;
  /** @default - kubeadm's own: none but the one that keeps workloads off control planes */
  readonly taints?: readonly Taint[];
  /** Of the operator's own, such as `topology.kubernetes.io/zone`. @default - none */
  readonly labels?: Readonly<Record<string, string>>;
  /** Directories that pods claim: see `LocalVolumes`. @default - none */
  readonly volumes?: readonly VolumeSpec[];
}

/** A node on a virtual machine that kjerne makes: see `KvmNode`. */
export interface KvmNodeSpec extends AnyNodeSpec {
  /** Name of the hypervisor that it lies on. */
  readonly hypervisor: string;
  readonly cpus: number;
  readonly memoryMiB: number;
  /** @default 40 */
  readonly rootGiB?: number;
  /** Disk for etcd alone, control planes only. @default 8 */
  readonly etcdGiB?: number;
  /** Host CPUs for the virtual ones, in order. @default - the kernel's scheduler decides */
  readonly pinnedCpus?: readonly number[];
}

/** A node on a machine that was there before: see `ExistingMachine`. Its name is the machine's host name. */
export interface ExistingNodeSpec extends AnyNodeSpec {
  readonly machine: MachineSpec;
}

export type NodeSpec = KvmNodeSpec | ExistingNodeSpec;
