import * as pulumi from "@pulumi/pulumi";
import type { Connection } from "../machine/connection";

export interface MachineStateArgs {
  /** The machine, as whoever may become root there. */
  readonly connection: Connection;
  /** Sets of files that it has, each with the digest of its `NodeFiles`. */
  readonly sets: Readonly<Record<string, pulumi.Input<string>>>;
  /** Whether it is a system container: kernel settings outside net.* are then its host's. @default false */
  readonly container?: boolean;
  /** Of a virtual machine that kjerne made: its hypervisor, and its directory there. @default - another machine */
  readonly host?: { readonly connection: Connection; readonly directory: string };
}

/** What differs on a machine: what it is, and how, in words of what reads it. */
export type Drift = Readonly<Record<string, { readonly wanted: string; readonly found: string }>>;

/**
 * What somebody changed on a machine by hand. `pulumi refresh` and `pulumi up --refresh` compare the machine with what
 * kjerne made of it and show each difference under `drift`; the next `up` puts it back, and nothing else. Without a
 * refresh nothing is asked. Compared are files with their modes, kernel settings, packages of a machine that was there
 * before, services, kube-proxy's objects, the certificates of a control plane, and a virtual machine with its hypervisor's
 * definition of it.
 *
 * A machine that does not answer keeps no refresh from going on: it is told, and nothing is known of its drift. What can't
 * be put back fails the `up`, with the way out. On destroy nothing happens on the machine.
 *
 * The engine finds the provider, `pulumi-resource-kjerne-drift` in this directory, by `plugins` in Pulumi.yaml.
 */
export class MachineState extends pulumi.CustomResource {
  /** What the last refresh found; empty after an `up`. */
  declare readonly drift: pulumi.Output<Drift>;
  /** When an `up` last put something back, in ISO 8601; empty as long as none has. */
  declare readonly putBackAt: pulumi.Output<string>;

  constructor(name: string, args: MachineStateArgs, opts?: pulumi.CustomResourceOptions) {
    const { connection, sets, container = false, host } = args;
    // Not of a package `kjerne`: the engine would give its provider all settings of the stack, and take `kjerne:name` for
    // the plugin's name.
    super(
      "kjerne-drift:index:MachineState",
      name,
      {
        connection: pulumi.secret(connection),
        sets,
        container,
        ...(host ? { host: { ...host, connection: pulumi.secret(host.connection) } } : {}),
        drift: undefined,
        putBackAt: undefined,
      },
      opts,
    );
  }
}
