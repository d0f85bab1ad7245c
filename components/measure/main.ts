import { text } from "node:stream/consumers";
import { overSsh, type SshTarget } from "../verify/ssh";
import type { Wanted } from "../verify/wanted";
import { measure } from "./measure";
import { refusedIn, reportOf } from "./report";
import type { RuleId } from "./rule";
import { summary } from "./summary";

/** Input on stdin, as `Measurement` gives it. */
export interface MainInput {
  readonly name: string;
  readonly wanted: Wanted;
  readonly targets: Readonly<Record<string, SshTarget>>;
  readonly hypervisors: Readonly<Record<string, SshTarget>>;
  /** Causes that make it fail when they are named, or nobody can tell. */
  readonly refuse: readonly RuleId[];
  /** Unused here; part of the input so that a change triggers a new run. */
  readonly after: readonly string[];
}

async function main(): Promise<void> {
  const { name, wanted, targets, hypervisors, refuse }: MainInput = JSON.parse(await text(process.stdin));
  const began = Date.now();
  const measured = await overSsh({ ...hypervisors, ...targets }, (run) =>
    measure(wanted, run, { hypervisors: Object.keys(hypervisors), say: console.error }),
  );
  const run = { stack: name, time: new Date(began).toISOString(), seconds: Math.round((Date.now() - began) / 1000) };
  const report = reportOf(run, measured, wanted.remarks ?? []);
  console.error(`\n${summary(report)}`);
  process.stdout.write(JSON.stringify(report));
  const refused = refusedIn(report, refuse);
  if (refused.length === 0) return;
  console.error(`\n${refused.join("\n")}`);
  process.exitCode = 1;
}

main();
