import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { defaults } from "../../node-config/defaults";
import { type FabricKind, fabricKinds } from "../../node-config/fabric";
import { listIn } from "../../node-config/file-set";
import { type Mirror, registryFiles } from "../../node-config/node-files";
import { aptSources, type PackageSource } from "../../node-config/package-source";
import { heldPackages } from "../../node-config/packages";
import { mirrors, packageSource, reached, values } from "../../node-config/values/shapes";
import { dialSeconds, dialsPerReboot } from "../machine/connection";
import { NodeScript } from "../machine/node-script";
import { refuseUnless } from "../refusal/refusal";
import type { NodeConnection, NodeMachine } from "./cluster-node";

/** How a machine that kjerne did not make is reached, and what it may be. */
export interface MachineSpec {
  /** Where its sshd listens. @default - the node's own address */
  readonly address?: string;
  /** @default 22 */
  readonly port?: number;
  /** Login user: root, or one with password-less sudo. @default "root" */
  readonly user?: string;
  /** Pinned ed25519 host key, as in `/etc/ssh/ssh_host_ed25519_key.pub`. */
  readonly hostKey: string;
  /**
   * Whether it is a system container: then its kernel, kernel settings outside net.* and clock are its host's. @default
   * false
   */
  readonly container?: boolean;
  /** Its card on the cluster's fabric, such as `fab0`. @default - none: its pods get no interface there */
  readonly fabricInterface?: string;
  /** Whether another release than Debian 12 and 13 is taken. @default false */
  readonly untestedRelease?: boolean;
}

export interface ExistingMachineArgs {
  /** Facts about where this machine is and who runs it: plain, so that policies judge them in preview. */
  readonly site: Readonly<Record<string, unknown>>;
  /** Name of the cluster that takes the machine: another one is refused. */
  readonly cluster: string;
  readonly role: "control-plane" | "worker";
  /** Its address in the node network, which it has already. */
  readonly address: string;
  readonly machine: MachineSpec;
  /** What its interface must carry at least. @default 1500 */
  readonly mtu?: number;
  /** What `machine.fabricInterface` must carry. @default 9000 */
  readonly fabricMtu?: number;
  /** What pods have of it. @default "macvlan" */
  readonly fabricKind?: FabricKind;
  /** How Calico finds the node's address (`IP_AUTODETECTION_METHOD`): compared with the machine's interface. */
  readonly autodetection: string;
  /** Kernel modules that it must have, built-in ones included. */
  readonly modules: readonly string[];
  /** The only repositories that apt installs the packages from. */
  readonly sources: readonly PackageSource[];
  /** Packages as apt takes them: see `machinePackages`. */
  readonly packages: readonly string[];
  /** Container images to pull beforehand: name with tag → digest (`sha256:…`). */
  readonly images: Readonly<Record<string, string>>;
  /** @default - each image from its own registry */
  readonly mirrors?: readonly Mirror[];
  /** Certificates in PEM of who signed those of `sources` and `mirrors`. @default - none beside the system's own */
  readonly authorities?: string;
  /** Key of the login user. */
  readonly ssh: { readonly privateKey: pulumi.Input<string> };
}

/**
 * A machine that was there before: a rented KVM instance, bare metal, or a system container of a lab. Its name is the
 * node's and its host name.
 *
 * A preflight looks at it as the login user and refuses with every reason at once, before anything changes. Then its
 * packages come from the given sources alone, pinned and held, and images by digest. What was there before is written
 * down; when the resource is destroyed, the machine is as it was found, and the output says what stays. The machine
 * itself is never destroyed. Another address is looked at as another machine, which joins anew; the one before it keeps
 * what it has.
 */
export class ExistingMachine extends pulumi.ComponentResource implements NodeMachine {
  readonly name: string;
  readonly address: string;
  readonly container: boolean;
  readonly existing = true;
  /** Resolves when the machine has its software. */
  readonly connection: NodeConnection;
  readonly instanceId: pulumi.Output<string>;
  readonly machine: pulumi.Resource;

  constructor(name: string, args: ExistingMachineArgs, opts?: pulumi.ComponentResourceOptions) {
    refuseUnless(shape, `node ${name}`, { ...args, name });
    const { ssh, site, role, address, mtu = defaults.mtu, mirrors = [] } = args;
    const spec = { address, port: 22, user: defaults.user, container: false, untestedRelease: false, ...args.machine };
    const { sources, images } = args;
    const facts = { site, role, address, machine: spec, mtu, sources, packages: args.packages, images, mirrors };
    super("kjerne:node:ExistingMachine", name, facts, opts);
    const parent = this;

    const login = pulumi.output({
      host: spec.address,
      port: spec.port,
      user: spec.user,
      hostKey: spec.hostKey,
      privateKey: pulumi.secret(ssh.privateKey),
      dialErrorLimit: dialsPerReboot,
      perDialTimeout: dialSeconds,
    });
    const looked = look();
    const machine = adopt();

    this.name = name;
    this.address = address;
    this.container = spec.container;
    this.machine = machine;
    this.instanceId = machine.stdout.apply((text) => (JSON.parse(text) as Adopted).instanceId);
    this.connection = pulumi.all([login, this.instanceId]).apply(([ready]) => ready);
    this.registerOutputs({ address, instanceId: this.instanceId });

    function look(): NodeScript {
      const { container, untestedRelease } = spec;
      const { cluster, autodetection, modules } = args;
      const maximumStealPercent = container ? 100 : defaults.maximumStealPercent;
      const { fabricInterface } = args.machine;
      const { fabricMtu = defaults.fabricMtu, fabricKind = defaults.fabricKind } = args;
      const fabric = fabricInterface ? { fabricInterface, fabricMtu, fabricKind } : {};
      const wanted = { cluster, name, role, address, autodetection, mtu, container, untestedRelease, ...fabric };
      return new NodeScript(
        `${name}-preflight`,
        {
          connection: login,
          script: "machine/preflight.sh",
          stdin: JSON.stringify({ ...wanted, modules, places, maximumStealPercent }),
          asLoginUser: true,
        },
        { parent },
      );
    }

    function adopt(): NodeScript {
      const { cluster, packages } = args;
      return new NodeScript(
        `${name}-machine`,
        {
          connection: login,
          script: "machine/adopt.sh",
          undo: "machine/release.sh",
          stdin: JSON.stringify({
            cluster,
            name,
            packages,
            held: heldPackages(Object.fromEntries(packages.map((one) => one.split("=")))),
            sources: aptSources(sources),
            images,
            authorities: args.authorities ?? "",
            registries: registryFiles("", mirrors, args.authorities),
            places,
          }),
        },
        { parent, dependsOn: looked },
      );
    }
  }
}

const shape = z.object({
  name: values.hostName,
  role: values.role,
  address: values.address,
  machine: z.object({
    ...reached,
    address: values.address.optional(),
    port: values.port.optional(),
    fabricInterface: values.networkCard.optional(),
  }),
  mtu: values.mtu.optional(),
  fabricMtu: values.mtu.optional(),
  fabricKind: z.enum(fabricKinds).optional(),
  autodetection: values.autodetection.optional(),
  sources: z.array(packageSource),
  mirrors: mirrors.optional(),
  authorities: values.authorities.optional(),
});

/** What `adopt.sh` prints. */
interface Adopted {
  readonly instanceId: string;
}

/** Directories that Kubernetes, containerd and Calico fill: empty before, and gone after. */
const places = listIn("machine/places.txt");
