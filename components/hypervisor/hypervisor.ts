import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { defaults } from "../../node-config/defaults";
import { readTree } from "../../node-config/file-set";
import { packageSource, pool, reached, values } from "../../node-config/values/shapes";
import { NodeFiles } from "../machine/node-files";
import { NodeScript } from "../machine/node-script";
import { refuseUnless } from "../refusal/refusal";
import type { HypervisorArgs, Pool } from "./hypervisor-args";
import { preparation, requirements } from "./script-inputs";

export type * from "./hypervisor-args";

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
