import { text } from "node:stream/consumers";
import { table, warned } from "./report";
import { overSsh, type SshTarget } from "./ssh";
import { verify } from "./verify";
import type { Wanted } from "./wanted";

/** Input on stdin, as `Verification` gives it. */
export interface MainInput {
  readonly wanted: Wanted;
  readonly targets: Readonly<Record<string, SshTarget>>;
  readonly settleSeconds: number;
  /** Unused here; part of the input so that a change triggers a new run. */
  readonly after: readonly string[];
}

async function main(): Promise<void> {
  const { wanted, targets, settleSeconds }: MainInput = JSON.parse(await text(process.stdin));
  const say = (line: string) => console.error(line);
  const report = await overSsh(targets, (run) => verify(wanted, run, { settleSeconds, say }));
  process.stdout.write(JSON.stringify(report));
  if (report.passed) {
    if (report.warnings.length > 0) console.error(["", ...warned(report)].join("\n"));
    return;
  }
  console.error(`\n${table(report)}`);
  process.exitCode = 1;
}

main();
