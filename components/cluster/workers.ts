import * as pulumi from "@pulumi/pulumi";
import type { ClusterFacts } from "../../node-config/kubeadm";
import type { NodeMachine } from "../node/cluster-node";
import type { ControlPlane } from "./control-plane";
import { Join } from "./join";
import type { PreparedNode } from "./node-base";

export interface WorkersArgs {
  readonly facts: ClusterFacts;
  readonly controlPlane: Pick<ControlPlane, "caHash" | "goesWithCluster">;
  /** The control plane that accepts their tokens. */
  readonly through: NodeMachine;
  readonly nodes: readonly PreparedNode[];
}

/** Nodes that run workloads, joined in parallel; none waits for another one or is touched because of it. */
export class Workers extends pulumi.ComponentResource {
  /** Known when every worker is in the cluster. */
  readonly done: pulumi.Output<string>;

  constructor(name: string, args: WorkersArgs, opts?: pulumi.ComponentResourceOptions) {
    const { controlPlane, ...join } = args;
    super("kjerne:cluster:Workers", name, { nodes: args.nodes.map(({ node }) => node.name) }, opts);

    const { caHash, goesWithCluster } = controlPlane;
    this.done = new Join(`${name}-join`, { ...join, caHash, goesWithCluster }, { parent: this }).done;
    this.registerOutputs({ done: this.done });
  }
}
