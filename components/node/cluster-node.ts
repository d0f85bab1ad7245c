import type * as pulumi from "@pulumi/pulumi";
import type { NodeFacts } from "../../node-config/kubeadm";
import type { Connection } from "../machine/connection";

/** A machine that is up, as far as Kubernetes has to know it; a KvmNode is one. */
export interface ClusterNode extends NodeFacts {
  readonly connection: Connection;
  /** Another one whenever the machine was made anew: then it joins anew. */
  readonly instanceId: pulumi.Input<string>;
}

/** The plain part of a node. */
export function factsOf({ name, address, taints, labels }: ClusterNode): NodeFacts {
  return { name, address, taints, labels };
}
