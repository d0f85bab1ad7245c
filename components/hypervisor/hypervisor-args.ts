import type * as pulumi from "@pulumi/pulumi";
import type { PackageSource } from "../../node-config/package-source";

/** Where the nodes' disks lie. */
export interface Pool {
  /** Name of the libvirt storage pool. */
  readonly name: string;
  /** Absolute path of its directory; made when missing. */
  readonly path: string;
  /** `nvme` is checked on the hypervisor; `emulated` is for a lab: the disk below is only reported. */
  readonly medium: "nvme" | "emulated";
}

/** What one node takes of its hypervisor. */
export interface ResourceDemand {
  readonly name: string;
  readonly memoryMiB: number;
  /** All of its disks together. */
  readonly diskGiB: number;
  /** CPUs of the hypervisor that it runs on. @default - none of its own */
  readonly pinnedCpus?: readonly number[];
}

export interface HypervisorArgs {
  /** Name of the cluster whose nodes lie here. What it has on this machine carries the name; nothing else is touched. */
  readonly cluster: string;
  readonly address: string;
  /** Login user: root, or one with password-less sudo. @default "root" */
  readonly user?: string;
  /** Pinned ed25519 host key, as in `/etc/ssh/ssh_host_ed25519_key.pub`: no other machine can answer for this one. */
  readonly hostKey: string;
  readonly privateKey: pulumi.Input<string>;
  readonly pool: Pool;
  /** Bridge that the nodes' network cards join; it exists already, unless `prepare` makes it. */
  readonly bridge: string;
  /**
   * Whether packages, services and the bridge that are missing come first, on a fresh Debian 12 or 13. What is there stays
   * as it is, and nothing is undone with this component. @default false
   */
  readonly prepare?: boolean;
  /** What the bridge must carry at least: the MTU of the nodes that lie here. @default - not looked at */
  readonly mtu?: number;
  /** Bridge into the fabric, which exists already, for a second card of nodes. @default - they have a single card */
  readonly fabricBridge?: string;
  /** What that bridge must carry at least. @default - not looked at */
  readonly fabricMtu?: number;
  /** `kvm`: refused unless KVM boots a guest. `emulated`: QEMU's software emulation will do where it does not. */
  readonly virtualisation: "kvm" | "emulated";
  /** What the nodes that lie here take, so that the preflight refuses what does not fit. */
  readonly asked: readonly ResourceDemand[];
  /** Where the kernel of the probe guest comes from. */
  readonly packages: readonly PackageSource[];
  /** Certificates in PEM of who signed those of `packages`, beside the system's own. @default - none */
  readonly authorities?: string;
  /** Memory that stays with the hypervisor, in MiB. @default 2048 */
  readonly reservedMemoryMiB?: number;
  /** CPU steal that is accepted, in percent; there is some where the hypervisor is itself a guest. @default 5 */
  readonly maximumStealPercent?: number;
  /** Whether the kernel's clock must be synchronised. @default true */
  readonly synchronisedClock?: boolean;
}
