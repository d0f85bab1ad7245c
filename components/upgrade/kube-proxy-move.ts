import * as pulumi from "@pulumi/pulumi";
import type { Connection } from "../machine/connection";
import { LocalProgram } from "../verify/program";
import type { ProxyMoveArgs } from "./proxy";

export interface KubeProxyMoveArgs extends ProxyMoveArgs {
  /** How each node is reached as root, by its name. */
  readonly connections: Readonly<Record<string, Connection>>;
}

/**
 * Takes the nodes of a running cluster to the mode of kube-proxy that the settings have, and back: control planes one by
 * one, then workers, each drained before and taking pods again after, and rid of what the old mode left in its kernel.
 * Calico leaves nftables before kube-proxy does; where kube-proxy goes there, Calico follows by its manifest. A cluster whose
 * nodes have the mode already, and one that is still to be made, it leaves alone.
 *
 * What stands in the way it says all at once, before any node is touched: nodes that are not Ready, budgets that let no pod
 * go, kernels that lack what the mode needs. It stops at a node that fails, and the next `up` goes on there. It has to come
 * after the control plane, and before `KubeProxy`.
 */
export class KubeProxyMove extends pulumi.ComponentResource {
  constructor(name: string, args: KubeProxyMoveArgs, opts?: pulumi.ComponentResourceOptions) {
    const { connections, ...moved } = args;
    super("kjerne:upgrade:KubeProxyMove", name, { mode: args.mode }, opts);
    const input = pulumi.output({ ...connections }).apply((targets) => ({ ...moved, targets }));
    new LocalProgram(name, "upgrade/proxy-main", input, { parent: this, dependsOn: opts?.dependsOn });
    this.registerOutputs({});
  }
}
