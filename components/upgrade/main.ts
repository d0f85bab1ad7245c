import { text } from "node:stream/consumers";
import { overSsh, type SshTarget } from "../verify/ssh";
import { type RollArgs, roll } from "./roll";

/** Input on stdin, as `Upgrade` gives it. */
export interface UpgradeInput extends RollArgs {
  readonly targets: Readonly<Record<string, SshTarget>>;
}

async function main(): Promise<void> {
  const { targets, ...args }: UpgradeInput = JSON.parse(await text(process.stdin));
  const say = (line: string) => console.error(line);
  try {
    process.stdout.write(
      await overSsh(targets, (run, change) => roll(args, { run, change, bootSeconds: 600, pauseSeconds: 5, say })),
    );
  } catch (error) {
    console.error(`\n${(error as Error).message}`);
    process.exitCode = 1;
  }
}

main();
