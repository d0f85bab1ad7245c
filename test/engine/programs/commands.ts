import { readFileSync } from "node:fs";
import { remote } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";

/** What a test wants: remote commands by name. */
export interface Input {
  readonly commands: Readonly<
    Record<string, { args: remote.CommandArgs; secretStdin?: string; options?: pulumi.CustomResourceOptions }>
  >;
  /** What the program throws, if it is to fail. */
  readonly throws?: string;
}

const input: Input = JSON.parse(readFileSync(String(process.env.KJERNE_TEST_INPUT), "utf8"));
if (input.throws) throw new Error(input.throws);

export const stdout = Object.fromEntries(
  Object.entries(input.commands).map(([name, { args, secretStdin, options }]) => {
    const stdin = secretStdin === undefined ? args.stdin : pulumi.secret(secretStdin);
    return [name, new remote.Command(name, { ...args, ...(stdin === undefined ? {} : { stdin }) }, options).stdout];
  }),
);
