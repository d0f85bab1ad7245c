import { text } from "node:stream/consumers";
import { overSsh, type SshTarget } from "../verify/ssh";
import { networkProblems, type TrialFacts } from "./judge";
import { tryNetwork } from "./trial";

/** Input on stdin, as `NetworkTrial` gives it. */
export interface TrialInput {
  readonly facts: TrialFacts;
  readonly targets: Readonly<Record<string, SshTarget>>;
}

async function main(): Promise<void> {
  const { facts, targets }: TrialInput = JSON.parse(await text(process.stdin));
  const say = (line: string) => console.error(line);
  const directions = await overSsh(targets, (run) => tryNetwork(facts, run, { say }));
  const problems = networkProblems(facts, directions);
  if (problems.length === 0) {
    process.stdout.write(`${directions.length} directions between ${facts.nodes.length} machines`);
    return;
  }
  console.error(`\nthe network between the machines does not carry this cluster:`);
  for (const problem of problems) console.error(`  ${problem}`);
  process.exitCode = 1;
}

main();
