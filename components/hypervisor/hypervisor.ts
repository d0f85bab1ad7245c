import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { defaults } from "../../node-config/defaults";
import { listIn, readTree } from "../../node-config/file-set";
import { aptSources, type PackageSource } from "../../node-config/package-source";
import { refuseUnless } from "../../node-config/values/rule";
import { packageSource, pool, reached, values } from "../../node-config/values/shapes";
import { NodeFiles } from "../machine/node-files";
import { NodeScript } from "../machine/node-script";
import { pythonOf } from "../machine/program-text";

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

/** What the preflight saw. */
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

/** A connection with every part known by name, for scripts on this hypervisor. */
type HypervisorConnection = pulumi.Output<{ host: string; user: string; hostKey: string; privateKey: string }>;

/**
 * A machine that runs nodes. It is looked at before anything is changed: the preflight collects every obstacle and
 * refuses with all of them at once. Then come network settings and the storage pool. With `prepare`, what the preflight
 * would miss comes before it.
 */
export class Hypervisor extends pulumi.ComponentResource {
  readonly name: string;
  readonly cluster: string;
  readonly pool: Pool;
  readonly bridge: string;
  readonly fabricBridge?: string;
  /** For scripts that run on the hypervisor; make them depend on this component. */
  readonly connection: HypervisorConnection;
  readonly preflight: pulumi.Output<Preflight>;

  constructor(name: string, args: HypervisorArgs, opts?: pulumi.ComponentResourceOptions) {
    refuseUnless(shape, `hypervisor ${name}`, { ...args, name });
    const { cluster, pool, bridge, fabricBridge } = args;
    super("kjerne:hypervisor:Hypervisor", name, { ...args, privateKey: pulumi.secret(args.privateKey) }, opts);
    const parent = this;

    const connection = connectionTo(args);
    const prepared = args.prepare ? [prepare()] : [];
    const preflight = inspect();
    const network = configureNetwork();
    createPool();

    this.name = name;
    this.cluster = cluster;
    this.pool = pool;
    this.bridge = bridge;
    this.fabricBridge = fabricBridge;
    this.connection = connection;
    this.preflight = preflight.stdout.apply((text) => JSON.parse(text) as Preflight);
    this.registerOutputs({ preflight: this.preflight });

    /** The bridge stays once another ssh session than the one that made it has confirmed it. */
    function prepare(): NodeScript {
      const stdin = JSON.stringify(preparation(name, args));
      const made = new NodeScript(
        `${name}-prepare`,
        { connection, script: "hypervisor/prepare.sh", stdin },
        { parent },
      );
      return new NodeScript(
        `${name}-bridge`,
        { connection, script: "hypervisor/confirm-bridge.sh", stdin },
        { parent, dependsOn: made },
      );
    }

    function inspect(): NodeScript {
      return new NodeScript(
        `${name}-preflight`,
        { connection, script: "hypervisor/preflight.sh", stdin: JSON.stringify(requirements(name, args)) },
        { parent, dependsOn: prepared },
      );
    }

    function configureNetwork(): NodeFiles {
      return new NodeFiles(
        `${name}-network`,
        {
          connection,
          files: readTree("hypervisor/files"),
          owner: cluster,
          onChange: [{ paths: ["/etc/sysctl.d/"], command: "sysctl -p /etc/sysctl.d/90-kjerne-hypervisor.conf" }],
          removedOnDelete: true,
        },
        { parent, dependsOn: preflight },
      );
    }

    function createPool(): NodeScript {
      return new NodeScript(
        `${name}-pool`,
        {
          connection,
          script: "hypervisor/storage-pool.sh",
          undo: "hypervisor/remove-storage-pool.sh",
          stdin: JSON.stringify({ cluster, stack: stackName(), hypervisor: name, name: pool.name, path: pool.path }),
          replaceOn: [pool.name, pool.path],
        },
        { parent, dependsOn: [preflight, network] },
      );
    }
  }
}

/** Tells this stack from another one that has a cluster of the same name. */
function stackName(): string {
  return `${pulumi.getProject()}/${pulumi.getStack()}`;
}

function connectionTo({ address, user = defaults.user, hostKey, privateKey }: HypervisorArgs): HypervisorConnection {
  return pulumi.output({ host: address, user, hostKey, privateKey: pulumi.secret(privateKey) });
}

const shape = z.object({
  ...reached,
  name: values.hostName,
  pool,
  bridge: values.bridge,
  prepare: z.boolean().optional(),
  mtu: values.mtu.optional(),
  fabricBridge: values.bridge.optional(),
  fabricMtu: values.mtu.optional(),
  virtualisation: z.enum(["kvm", "emulated"]),
  packages: z.array(packageSource),
  authorities: values.authorities.optional(),
});

/** What `prepare.sh` and `confirm-bridge.sh` read. */
export function preparation(
  name: string,
  { address, bridge, synchronisedClock = true }: Pick<HypervisorArgs, "address" | "bridge" | "synchronisedClock">,
): object {
  return {
    name,
    commands: listIn("hypervisor/commands.txt"),
    clock: synchronisedClock,
    bridge,
    address,
    planBridge: pythonOf("hypervisor/plan-bridge.py"),
    bridgeFiles: readTree("hypervisor/bridge"),
  };
}

/** What `preflight.sh` reads. */
function requirements(name: string, args: HypervisorArgs): object {
  const {
    pool,
    bridge,
    asked,
    reservedMemoryMiB = 2048,
    maximumStealPercent = defaults.maximumStealPercent,
    synchronisedClock = true,
  } = args;
  return {
    name,
    commands: listIn("hypervisor/commands.txt"),
    pool,
    bridge,
    mtu: args.mtu ?? 0,
    ...(args.fabricBridge ? { fabricBridge: args.fabricBridge, fabricMtu: args.fabricMtu ?? 0 } : {}),
    emulation: args.virtualisation === "emulated",
    asked,
    sources: aptSources(args.packages),
    authorities: args.authorities ?? "",
    reservedMemoryMiB,
    maximumStealPercent,
    synchronisedClock,
  };
}
