import * as pulumi from "@pulumi/pulumi";
import { readTree } from "../../node-config/file-set";
import { aptSources, type PackageSource } from "../../node-config/package-source";
import { NodeFiles } from "../machine/node-files";
import { NodeScript } from "../machine/node-script";

/** Where the nodes' disks lie. */
export interface Pool {
  /** Name of the libvirt storage pool. */
  readonly name: string;
  /** Absolute path of its directory; made when missing. */
  readonly path: string;
  /** `nvme` is checked on the hypervisor; `emulated` is for a lab: the disk below is only reported. */
  readonly medium: "nvme" | "emulated";
}

/** What one node will ask of its hypervisor. */
export interface ResourceDemand {
  readonly name: string;
  readonly memoryMiB: number;
  /** All of its disks together. */
  readonly diskGiB: number;
}

export interface HypervisorArgs {
  readonly address: string;
  /** Login user: root, or one with password-less sudo. @default "root" */
  readonly user?: string;
  /** Pinned ed25519 host key, as in `/etc/ssh/ssh_host_ed25519_key.pub`: nobody else can answer for the machine. */
  readonly hostKey: string;
  readonly privateKey: pulumi.Input<string>;
  readonly pool: Pool;
  /** Bridge that the nodes' network cards join; it exists already. */
  readonly bridge: string;
  /** `kvm`: anything else is refused. `emulated`: QEMU's software emulation will do where KVM does not boot a guest. */
  readonly virtualisation: "kvm" | "emulated";
  /** What the nodes that lie here ask for. */
  readonly asked: readonly ResourceDemand[];
  /** Where the kernel of the probe guest comes from. */
  readonly packages: readonly PackageSource[];
  /** Memory that stays with the hypervisor, in MiB. @default 2048 */
  readonly reservedMemoryMiB?: number;
  /** CPU time that others may take from this machine, in percent (it matters where the hypervisor is itself a guest). @default 5 */
  readonly maximumStealPercent?: number;
  /** Whether the kernel's clock must be synchronised. @default true */
  readonly synchronisedClock?: boolean;
}

/** What the preflight saw; goes into the report. */
export interface Preflight {
  /** Domain type that boots a guest here. */
  readonly domainType: "kvm" | "qemu";
  readonly cpus: number;
  readonly memoryAvailableMiB: number;
  readonly poolFreeGiB: number;
  /** Disks below the pool, as `lsblk` sees them. */
  readonly poolDisks: readonly { readonly name: string; readonly transport: string; readonly rotational: boolean }[];
  readonly stealPercent: number;
  readonly clockSynchronised: boolean;
  readonly bridgeMtu: number;
  /** Versions that the probe guest ran with. */
  readonly qemu: string;
  readonly kernel: string;
}

/**
 * A machine that runs nodes. Looks before it touches: the preflight collects everything that stands in the way and
 * refuses with all of it at once. Then come network settings and the storage pool.
 */
export class Hypervisor extends pulumi.ComponentResource {
  readonly name: string;
  readonly pool: Pool;
  readonly bridge: string;
  /** For scripts that run on the hypervisor; make them depend on this component. */
  readonly connection: pulumi.Output<{ host: string; user: string; hostKey: string; privateKey: string }>;
  readonly preflight: pulumi.Output<Preflight>;

  constructor(name: string, args: HypervisorArgs, opts?: pulumi.ComponentResourceOptions) {
    const { user = "root", reservedMemoryMiB = 2048, maximumStealPercent = 5, synchronisedClock = true } = args;
    super("kjerne:hypervisor:Hypervisor", name, { ...args, privateKey: pulumi.secret(args.privateKey) }, opts);

    this.name = name;
    this.pool = args.pool;
    this.bridge = args.bridge;
    this.connection = pulumi.output({
      host: args.address,
      user,
      hostKey: args.hostKey,
      privateKey: pulumi.secret(args.privateKey),
    });

    const looked = new NodeScript(
      `${name}-preflight`,
      {
        connection: this.connection,
        script: "hypervisor/preflight.sh",
        stdin: JSON.stringify({
          name,
          pool: args.pool,
          bridge: args.bridge,
          emulation: args.virtualisation === "emulated",
          asked: args.asked,
          sources: aptSources(args.packages),
          reservedMemoryMiB,
          maximumStealPercent,
          synchronisedClock,
        }),
      },
      { parent: this },
    );
    this.preflight = looked.stdout.apply((text) => JSON.parse(text) as Preflight);

    const network = new NodeFiles(
      `${name}-network`,
      {
        connection: this.connection,
        files: readTree("hypervisor/files"),
        onChange: "sysctl -p /etc/sysctl.d/90-kjerne-hypervisor.conf",
        removedOnDelete: true,
      },
      { parent: this, dependsOn: looked },
    );
    new NodeScript(
      `${name}-pool`,
      {
        connection: this.connection,
        script: "hypervisor/storage-pool.sh",
        undo: "hypervisor/remove-storage-pool.sh",
        stdin: JSON.stringify(args.pool),
      },
      { parent: this, dependsOn: [looked, network] },
    );

    this.registerOutputs({ preflight: this.preflight });
  }
}
