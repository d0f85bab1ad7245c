import type * as pulumi from "@pulumi/pulumi";
import type { FileSet } from "../../node-config/file-set";
import type { NodeFacts } from "../../node-config/kubeadm";
import type { Connection } from "../machine/connection";

/** A machine that is reached by SSH and ready for Kubernetes, as far as Kubernetes has to know it. */
export interface ClusterNode extends NodeFacts {
  /** Pinned to one host key. Resolves when the machine has what must be there before Kubernetes, or will at its boot. */
  readonly connection: Connection;
  /** Another one for each machine that is made: a node whose machine was made anew joins the cluster again. */
  readonly instanceId: pulumi.Input<string>;
  /** What its first boot has to end in; nothing is written before. @default - it was up already */
  readonly boot?: { readonly name: string; readonly etcdDisk: boolean };
  /** Autonomous system of its rack. @default - the cluster's */
  readonly asNumber?: number;
  /** Files of the machine itself that follow the settings: network, clock, keys. @default - it keeps its own */
  readonly files?: FileSet;
}

/**
 * The contract of a machine, whoever made it: KvmNode and ExistingMachine keep it, and nothing after them knows which
 * of the two a node is. docs/architecture.md has it as a table.
 */
export interface NodeMachine extends ClusterNode {
  /**
   * Makes and undoes the machine, or what kjerne did to it: give it as `deletedWith` to whatever undoes something on the
   * node, and as `replaceWith` to what has to go before it.
   */
  readonly machine: pulumi.Resource;
  /** Where its virtual machine is, and its directory there. @default - kjerne did not make the machine */
  readonly host?: { readonly connection: Connection; readonly directory: string };
}

/** A connection with every part known by name. */
export type NodeConnection = pulumi.Output<{
  host: string;
  user: string;
  hostKey: string;
  privateKey: string;
  dialErrorLimit: number;
  perDialTimeout: number;
}>;

/** The plain part of a node: what is known before it has booted. */
export function factsOf({ name, address, taints, labels, container, existing }: ClusterNode): NodeFacts {
  return { name, address, taints, labels, container, existing };
}
