import * as pulumi from "@pulumi/pulumi";
import { defaults } from "../../node-config/defaults";
import type { FileSet } from "../../node-config/file-set";
import { type MachineIdentity, systemFiles } from "../../node-config/system-files";
import type { Hypervisor } from "../hypervisor/hypervisor";
import type { NodeImage } from "../image/node-image";
import { type Connection, dialSeconds, dialsPerReboot } from "../machine/connection";
import { NodeScript } from "../machine/node-script";
import { refuse } from "../refusal/refusal";
import { cloudInit } from "./cloud-init";
import type { NodeConnection, NodeMachine } from "./cluster-node";
import { domainXml } from "./domain-xml";
import { problemsOfNode } from "./kvm-node-problems";

export interface KvmNodeArgs {
  readonly hypervisor: Hypervisor;
  readonly image: NodeImage;
  /** Facts about where this machine is and who runs it: plain, so that policies judge them in preview. */
  readonly site: Readonly<Record<string, unknown>>;
  readonly address: string;
  /** Of the node network: 24 for 10.20.0.0/24. */
  readonly prefixLength: number;
  readonly gateway: string;
  /** @default - none: the node resolves nothing */
  readonly nameservers?: readonly string[];
  /** NTP servers. @default - none: the node keeps the hypervisor's clock as it was at boot */
  readonly timeServers?: readonly string[];
  /** @default 1500 */
  readonly mtu?: number;
  /** MTU of a second card, on the bridge into the fabric that the hypervisor has. @default - a single card */
  readonly fabricMtu?: number;
  readonly cpus: number;
  readonly memoryMiB: number;
  readonly rootGiB: number;
  /** Size of a disk for etcd alone. @default - none: not a control plane */
  readonly etcdGiB?: number;
  /** Host CPUs for the virtual ones, in order. @default - the kernel's scheduler decides */
  readonly pinnedCpus?: readonly number[];
  /**
   * Host CPUs for the emulator and the I/O threads: beside the pinned ones, on the same NUMA node. @default - the
   * scheduler decides
   */
  readonly housekeepingCpus?: readonly number[];
  /** Keys of the login user `kjerne`, who has password-less sudo. `publicKey` may hold several, one a line. */
  readonly ssh: { readonly publicKey: string; readonly privateKey: pulumi.Input<string> };
}

/** What `create-node.sh` prints. */
interface Created {
  /** Public part of the host key that the hypervisor made for the machine. */
  readonly hostKey: string;
  /** cloud-init's instance-id: another one for each machine that is created. */
  readonly instanceId: string;
  /** Name of the image that the machine was made from; `unknown` for one that an older release made. */
  readonly image: string;
}

/**
 * One virtual machine. Its name is its host name; its cluster is its hypervisor's.
 *
 * Another number of CPUs, memory, pinning or a second card is defined at once and waits for the machine's next start. A new
 * image is for machines made from then on: one that runs keeps its own until it is replaced on purpose (`pulumi up
 * --replace`), one at a time. Name servers, time servers, gateway, MTU and keys are `files`: give them to `NodeFiles`. Another
 * hypervisor, pool, address or size of a disk REPLACES the machine, disks included; with `protect` the engine refuses that.
 */
export class KvmNode extends pulumi.ComponentResource implements NodeMachine {
  readonly name: string;
  readonly address: string;
  /** Resolves when the machine was started; `boot` waits for the rest. */
  readonly connection: NodeConnection;
  readonly instanceId: pulumi.Output<string>;
  readonly machine: pulumi.Resource;
  readonly files: FileSet;
  readonly boot: { readonly name: string; readonly etcdDisk: boolean };
  readonly host: { readonly connection: Connection; readonly directory: string };

  constructor(name: string, args: KvmNodeArgs, opts?: pulumi.ComponentResourceOptions) {
    const { hypervisor: _, image: __, ...plain } = args;
    refuse(`node ${name}`, problemsOfNode(name, plain));
    const { hypervisor, image, ssh, nameservers = [], timeServers = [], mtu = defaults.mtu, ...rest } = args;
    const node = { ...rest, nameservers, timeServers, mtu };
    super("kjerne:node:KvmNode", name, { ...node, hypervisor: hypervisor.name, image: image.imageName }, opts);
    const parent = this;
    const directory = `${hypervisor.pool.path}/${name}`;
    const etcdDisk = args.etcdGiB !== undefined;

    const identity = describeIdentity();
    const domain = describeDomain();
    const machine = createMachine();
    const created = machine.stdout.apply((text) => JSON.parse(text) as Created);

    this.name = name;
    this.address = args.address;
    this.machine = machine;
    this.instanceId = created.instanceId;
    this.connection = connectTo(created);
    this.files = systemFiles(identity);
    this.boot = { name, etcdDisk };
    this.host = { connection: hypervisor.connection, directory };
    const madeFrom = created.apply(({ image: found }) => tellOfOlderImage(found));
    this.registerOutputs({ address: this.address, instanceId: this.instanceId, image: madeFrom });

    function tellOfOlderImage(found: string): string {
      if (found !== image.imageName) {
        pulumi.log.warn(
          `${name} runs node image ${found}, and new machines get ${image.imageName}. It keeps its own, without later security updates, until it is made anew: docs/operations.md, "Security updates"`,
          parent,
        );
      }
      return found;
    }

    function describeIdentity(): MachineIdentity {
      const { address, prefixLength, gateway, nameservers, timeServers, mtu, fabricMtu } = node;
      const authorizedKeys = ssh.publicKey;
      return { name, address, prefixLength, gateway, nameservers, timeServers, mtu, fabricMtu, authorizedKeys };
    }

    function describeDomain(): pulumi.Output<string> {
      const { cpus, memoryMiB, pinnedCpus, housekeepingCpus, mtu, fabricMtu } = node;
      const { bridge, fabricBridge, cluster } = hypervisor;
      const fabric =
        fabricBridge !== undefined && fabricMtu !== undefined ? { bridge: fabricBridge, mtu: fabricMtu } : undefined;
      return hypervisor.preflight.apply(({ domainType: type }) =>
        domainXml({
          cluster,
          name,
          type,
          cpus,
          memoryMiB,
          pinnedCpus,
          housekeepingCpus,
          bridge,
          mtu,
          fabric,
          directory,
          etcdDisk,
        }),
      );
    }

    function createMachine(): NodeScript {
      // Another value here is another machine. The image is not part of it: a new image must not replace running
      // machines.
      const madeOf = { rootGiB: args.rootGiB, etcdGiB: args.etcdGiB ?? 0, address: args.address };
      const place = { hypervisor: hypervisor.name, directory };
      return new NodeScript(
        `${name}-machine`,
        {
          connection: hypervisor.connection,
          script: "hypervisor/create-node.sh",
          undo: "hypervisor/remove-node.sh",
          stdin: pulumi.jsonStringify({
            cluster: hypervisor.cluster,
            name,
            directory,
            madeOf,
            image: image.path,
            preallocated: hypervisor.pool.medium === "nvme",
            domain,
            ...cloudInit(identity),
          }),
          replaceOn: Object.entries({ ...place, ...madeOf }).map(([key, value]) => `${key} ${value}`),
        },
        // The image lies on the hypervisor, after everything there.
        { parent, dependsOn: image },
      );
    }

    function connectTo(created: pulumi.Output<Created>): NodeConnection {
      return pulumi.output({
        host: args.address,
        user: "kjerne",
        hostKey: created.hostKey,
        privateKey: pulumi.secret(ssh.privateKey),
        dialErrorLimit: dialsPerReboot,
        perDialTimeout: dialSeconds,
      });
    }
  }
}
