import * as pulumi from "@pulumi/pulumi";
import type { Hypervisor } from "../hypervisor/hypervisor";
import type { NodeImage } from "../image/node-image";
import { dialSeconds, dialsPerReboot } from "../machine/connection";
import { NodeScript } from "../machine/node-script";
import { cloudInit } from "./cloud-init";
import { domainXml } from "./domain-xml";

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
  readonly cpus: number;
  readonly memoryMiB: number;
  readonly rootGiB: number;
  /** Size of a disk for etcd alone. @default - none: not a control plane */
  readonly etcdGiB?: number;
  /** Host CPUs for the virtual ones, in order. @default - the kernel's scheduler decides */
  readonly pinnedCpus?: readonly number[];
  /** Host CPUs for the emulator and the I/O threads: beside the pinned ones, on the same NUMA node. @default - the scheduler decides */
  readonly housekeepingCpus?: readonly number[];
  /** Keys of the login user `kjerne`, who has password-less sudo. */
  readonly ssh: { readonly publicKey: string; readonly privateKey: pulumi.Input<string> };
}

/** What the hypervisor tells about a machine. */
interface Machine {
  readonly hostKey: string;
  readonly instanceId: string;
}

/**
 * One virtual machine. Its name is its host name.
 *
 * CPUs, memory and pinning change in place: the machine is shut down, redefined and started with the disks it had. A new
 * image is for machines made from then on: one that runs keeps its own until it is replaced on purpose (`pulumi up
 * --replace`), one at a time. Disks, address and keys REPLACE the machine, disks included, and the preview says so.
 */
export class KvmNode extends pulumi.ComponentResource {
  readonly name: string;
  readonly address: string;
  /** Resolves when SSH answers and the boot is complete. */
  readonly connection: pulumi.Output<{
    host: string;
    user: string;
    hostKey: string;
    privateKey: string;
    dialErrorLimit: number;
    perDialTimeout: number;
  }>;
  /** Another one whenever the machine was made anew. */
  readonly instanceId: pulumi.Output<string>;
  /** The machine itself: whatever undoes something on the node is `deletedWith` it. */
  readonly machine: pulumi.Resource;

  constructor(name: string, args: KvmNodeArgs, opts?: pulumi.ComponentResourceOptions) {
    const { hypervisor, image, ssh, nameservers = [], timeServers = [], mtu = 1500, ...facts } = args;
    const node = { ...facts, nameservers, timeServers, mtu };
    super("kjerne:node:KvmNode", name, { ...node, hypervisor: hypervisor.name, image: image.imageName }, opts);
    this.name = name;
    this.address = args.address;

    const directory = `${hypervisor.pool.path}/${name}`;
    const identity = {
      name,
      address: args.address,
      prefixLength: args.prefixLength,
      gateway: args.gateway,
      nameservers,
      timeServers,
      mtu,
      authorizedKey: ssh.publicKey,
    };
    /** What the machine is made of: another value is another machine. Not so the image: it is for machines made from now on. */
    const madeOf = { rootGiB: args.rootGiB, etcdGiB: args.etcdGiB ?? 0, ...identity };
    const domain = hypervisor.preflight.apply(({ domainType }) =>
      domainXml({
        ...facts,
        name,
        mtu,
        directory,
        type: domainType,
        bridge: hypervisor.bridge,
        etcdDisk: args.etcdGiB !== undefined,
      }),
    );

    const machine = new NodeScript(
      `${name}-machine`,
      {
        connection: hypervisor.connection,
        script: "hypervisor/create-node.sh",
        undo: "hypervisor/remove-node.sh",
        stdin: pulumi.jsonStringify({
          name,
          directory,
          madeOf,
          image: image.path,
          preallocated: hypervisor.pool.medium === "nvme",
          domain,
          ...cloudInit(identity),
        }),
        replaceOn: Object.entries(madeOf).map(([key, value]) => `${key} ${value}`),
      },
      { parent: this, dependsOn: [hypervisor, image] },
    );
    const made = machine.stdout.apply((text) => JSON.parse(text) as Machine);
    const connection = pulumi.output({
      host: args.address,
      user: "kjerne",
      hostKey: made.hostKey,
      privateKey: pulumi.secret(ssh.privateKey),
      dialErrorLimit: dialsPerReboot,
      perDialTimeout: dialSeconds,
    });
    const ready = new NodeScript(
      `${name}-ready`,
      {
        connection,
        script: "cloud-init/ready.sh",
        stdin: JSON.stringify({ name, etcdDisk: args.etcdGiB !== undefined }),
        // Runs again after every start of the machine.
        after: [machine.stdout],
      },
      { parent: this },
    );

    this.machine = machine;
    this.instanceId = made.instanceId;
    this.connection = pulumi.all([connection, ready.stdout]).apply(([answered]) => answered);
    this.registerOutputs({ address: this.address, instanceId: this.instanceId });
  }
}
