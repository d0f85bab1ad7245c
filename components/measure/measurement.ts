import * as pulumi from "@pulumi/pulumi";
import type { MainInput as VerificationInput } from "../verify/main";
import { LocalProgram } from "../verify/program";
import type { SshTarget } from "../verify/ssh";
import type { MainInput } from "./main";
import { type RuleId, ruleIds } from "./rule";
import type { Report } from "./schema";

export interface MeasurementArgs {
  /** What is measured: `verification` of a `Cluster`, or `input` of a `Verification`. */
  readonly cluster: pulumi.Input<VerificationInput>;
  /** Hypervisors whose processors are watched: `hypervisors` of a `Cluster`. @default - none */
  readonly hypervisors?: pulumi.Input<Readonly<Record<string, SshTarget>>>;
  /** Causes that fail the deployment when one is named, or can't be told. @default - none: it only tells */
  readonly refuse?: readonly RuleId[];
  /** Values that make it measure again when they change, beside those of the verification. @default - none */
  readonly after?: readonly pulumi.Input<string>[];
}

/**
 * Measures the running cluster and tells what its bottleneck is, as `make report` does, half a minute for each pair of
 * nodes of at most four. It measures again when the verification has reason to look again. Its name is the stack's in the
 * report. Paths are measured at full speed, a second at a time: on links that carry customers, choose the hour.
 */
export class Measurement extends pulumi.ComponentResource {
  /** What the most recent run measured. */
  readonly report: pulumi.Output<Report>;

  constructor(name: string, args: MeasurementArgs, opts?: pulumi.ComponentResourceOptions) {
    const { refuse = [] } = args;
    const unknown = refuse.filter((id) => !ruleIds.includes(id));
    if (unknown.length > 0)
      throw new Error(`${name}: refuse: no cause is called ${unknown.join(", ")}; choose from ${ruleIds.join(", ")}`);
    super("kjerne:measure:Measurement", name, { refuse }, opts);

    const input = pulumi.all([args.cluster, args.hypervisors ?? {}, [...(args.after ?? [])]]).apply(
      ([{ wanted, targets, after: looked }, hypervisors, after]): MainInput => ({
        ...{ name, wanted, targets, hypervisors, refuse },
        after: [...looked, ...after],
      }),
    );
    const measured = new LocalProgram(name, "measure/main", input, { parent: this, dependsOn: opts?.dependsOn });

    this.report = pulumi.unsecret(measured.stdout).apply((text): Report => JSON.parse(text));
    this.registerOutputs({});
  }
}
