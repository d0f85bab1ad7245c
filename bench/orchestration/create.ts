import { join } from "node:path";
import { z } from "zod";
import { rootCommand, run } from "../../tools/run";

const shape = z.strictObject({ seconds: z.number(), sessions: z.number() });

/** How many resources the engine works on at a time: enough for a session to each machine. */
const parallel = 256;

/**
 * Creates clusters of 10, 100 and again 10 nodes on machines that are played with the delays of real ones. The waits are
 * real and the same for each machine, so what grows is the engine's own work and what waits for something else.
 */
export async function creations(say: (line: string) => void) {
  const create = async (nodes: number) => {
    const once = [
      process.execPath,
      "--import",
      "tsx",
      join(__dirname, "create-once.ts"),
      String(nodes),
      String(parallel),
    ];
    const [program, ...args] = rootCommand(["unshare", "--net", ...once]);
    const made = shape.parse(JSON.parse(await run(program, args, { cwd: join(__dirname, "../..") })));
    say(`creation of ${nodes} nodes: ${made.seconds.toFixed(0)} s, ${made.sessions} sessions`);
    return made;
  };
  return { ten: await create(10), hundred: await create(100), tenAgain: await create(10) };
}
