import type * as pulumi from "@pulumi/pulumi";
import type { NodeFacts } from "../../node-config/kubeadm";
import type { Connection } from "../machine/connection";

/** A machine that has booted and is reached by SSH, as far as Kubernetes has to know it; a KvmNode is one. */
export interface ClusterNode extends NodeFacts {
  readonly connection: Connection;
  /** Changes each time the machine is recreated: it then joins the cluster again. */
  readonly instanceId: pulumi.Input<string>;
}

/** The plain part of a node: what is known before it has booted. */
export function factsOf({ name, address, taints, labels }: ClusterNode): NodeFacts {
  return { name, address, taints, labels };
}
