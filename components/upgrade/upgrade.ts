import * as pulumi from "@pulumi/pulumi";
import type { Connection } from "../machine/connection";
import { LocalProgram } from "../verify/program";
import type { RollArgs } from "./roll";

export interface UpgradeArgs extends RollArgs {
  /** How each node is reached as root, by its name. */
  readonly connections: Readonly<Record<string, Connection>>;
}

/**
 * Takes the nodes of a running cluster to the Kubernetes and the container runtime of the settings: control planes one by
 * one, then workers, each drained before and taking pods again after, by `kubeadm upgrade`. A cluster that has them
 * already, and one that is still to be made, it leaves alone.
 *
 * What stands in the way it says all at once, before any node is touched: another minor than the next one, nodes that are
 * not Ready, members of etcd that are not healthy, budgets that let no pod go, APIs that somebody still asks for and that
 * are gone in the new version, a missing backup, packages and images that are not to be had. It stops at a node that
 * fails, and the next `up` goes on there. It runs again when a node comes or goes, and asks only control planes then.
 */
export class Upgrade extends pulumi.ComponentResource {
  constructor(name: string, args: UpgradeArgs, opts?: pulumi.ComponentResourceOptions) {
    const { connections, ...rolled } = args;
    super("kjerne:upgrade:Upgrade", name, { ...args.facts }, opts);
    const input = pulumi.output({ ...connections }).apply((targets) => ({ ...rolled, targets }));
    new LocalProgram(name, "upgrade/main", input, { parent: this, dependsOn: opts?.dependsOn });
    this.registerOutputs({});
  }
}
