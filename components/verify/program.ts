import * as pulumi from "@pulumi/pulumi";
import { type ProgramName, withKeysOnce } from "./programs";

/**
 * A program of the package, run where Pulumi runs, again whenever its input changes and after it failed. What it prints on
 * stderr is progress, and its error when it fails. On destroy nothing runs.
 *
 * The provider is kjerne's own (drift/), since a state of the command provider has the input twice, and with it how each
 * node is reached.
 */
export class LocalProgram extends pulumi.CustomResource {
  /** What it printed. Known after it ran. */
  declare readonly stdout: pulumi.Output<string>;

  /** @param input Given on stdin as JSON. */
  constructor(
    name: string,
    program: ProgramName,
    input: pulumi.Input<object>,
    opts: Pick<pulumi.CustomResourceOptions, "parent" | "dependsOn">,
  ) {
    // Until 0.2.0 a local.Command ran it.
    const aliases = [{ type: "command:local:Command" }];
    // It says how nodes are reached.
    const stdin = pulumi.secret(pulumi.output(input).apply(withKeysOnce));
    super("kjerne-drift:index:LocalProgram", name, { program, stdin, stdout: undefined }, { ...opts, aliases });
  }
}
