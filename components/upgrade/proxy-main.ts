import { text } from "node:stream/consumers";
import { overSsh, type SshTarget } from "../verify/ssh";
import { moveProxy, type ProxyMoveArgs } from "./proxy";

/** Input on stdin, as `KubeProxyMove` gives it. */
export interface ProxyMoveInput extends ProxyMoveArgs {
  readonly targets: Readonly<Record<string, SshTarget>>;
}

async function main(): Promise<void> {
  const { targets, ...args }: ProxyMoveInput = JSON.parse(await text(process.stdin));
  const say = (line: string) => console.error(line);
  try {
    process.stdout.write(
      await overSsh(targets, (run, change) => moveProxy(args, { run, change, bootSeconds: 600, pauseSeconds: 5, say })),
    );
  } catch (error) {
    console.error(`\n${(error as Error).message}`);
    process.exitCode = 1;
  }
}

main();
