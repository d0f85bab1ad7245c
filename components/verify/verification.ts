import * as pulumi from "@pulumi/pulumi";
import type { Connection } from "../machine/connection";
import type { MainInput } from "./main";
import { LocalProgram } from "./program";
import type { Report } from "./report";
import type { Wanted } from "./wanted";

export interface VerificationArgs {
  /** What the running cluster must look like. */
  readonly wanted: Wanted;
  /** How each node of `wanted` is reached, by its name. */
  readonly connections: Readonly<Record<string, Connection>>;
  /** Values that trigger a new run when they change: digests of files, ids of what was applied. */
  readonly after: readonly pulumi.Input<string>[];
  /** How long the cluster may take to settle, in seconds. @default 600 */
  readonly settleSeconds?: number;
}

/**
 * Checks the running cluster. One resource looks at all nodes: a failed check fails it, with the table of checks as its
 * error, and the next `up` looks at everything again.
 */
export class Verification extends pulumi.ComponentResource {
  /** The report of the most recent run; it runs only when an input changed. */
  readonly report: pulumi.Output<Report>;
  /** Input of `main.ts`, for another run without a deployment; a secret, since it holds the nodes' private key. */
  readonly input: pulumi.Output<MainInput>;

  constructor(name: string, args: VerificationArgs, opts?: pulumi.ComponentResourceOptions) {
    const { wanted, connections, after, settleSeconds = 600 } = args;
    super("kjerne:verify:Verification", name, { wanted, settleSeconds }, opts);

    const input = pulumi
      .all([pulumi.output({ ...connections }), pulumi.output([...after])])
      .apply(
        ([targets, after]): MainInput => ({ wanted, targets: targets as MainInput["targets"], settleSeconds, after }),
      );
    const looked = new LocalProgram(name, "verify/main", input, { parent: this, dependsOn: opts?.dependsOn });

    this.input = pulumi.secret(input);
    this.report = looked.stdout.apply((text): Report => JSON.parse(text));
    // Not the report: the state has it in what the program printed.
    this.registerOutputs({});
  }
}
