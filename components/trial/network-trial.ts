import * as pulumi from "@pulumi/pulumi";
import type { Connection } from "../machine/connection";
import { LocalProgram } from "../verify/program";
import type { TrialFacts } from "./judge";

export interface NetworkTrialArgs {
  readonly facts: TrialFacts;
  /** How each of the machines is reached as root, by its name. */
  readonly connections: Readonly<Record<string, Connection>>;
}

/**
 * Tries the network between machines before they are a cluster: each sends to each other, and listens for, BGP's
 * connection, a packet of full size, and one with addresses of pods, or of VXLAN or IPIP where these carry them. What does
 * not arrive fails it, with between whom, what to ask of whoever runs the network, and the setting that goes on without.
 * It runs again when a machine comes, goes or changes its address; it changes nothing on any.
 */
export class NetworkTrial extends pulumi.ComponentResource {
  constructor(name: string, args: NetworkTrialArgs, opts?: pulumi.ComponentResourceOptions) {
    const { facts, connections } = args;
    super("kjerne:trial:NetworkTrial", name, { ...facts }, opts);
    const input = pulumi.output({ ...connections }).apply((targets) => ({ facts, targets }));
    new LocalProgram(name, "trial/main", input, { parent: this, dependsOn: opts?.dependsOn });
    this.registerOutputs({});
  }
}
