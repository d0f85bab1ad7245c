import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Wanted } from "./wanted";

/**
 * Runs one script as root on one node and returns what it printed. `script` is a path below `node-config/`. Rejects with
 * an `UnreachableError` when the node can't be reached or doesn't end the script within `seconds` (default 600), and with
 * another error when the script fails.
 */
export type Run = (node: string, script: string, stdin: string, seconds?: number) => Promise<string>;

/** The node did not answer: nothing is known of it, and another may be asked. */
export class UnreachableError extends Error {}

/** Runs a script on the first control plane that answers. Rejects as the last one did when none does. */
export async function onControlPlane(
  { nodes }: Pick<Wanted, "nodes">,
  run: Run,
  script: string,
  stdin: string,
  seconds?: number,
): Promise<string> {
  let last: unknown = new Error("verify: there is no control plane");
  for (const { name } of nodes.filter(({ role }) => role === "control-plane")) {
    try {
      return await run(name, script, stdin, seconds);
    } catch (error) {
      if (!(error instanceof UnreachableError)) throw error;
      last = error;
    }
  }
  throw last;
}

/** A file below `node-config/`. */
export function textOf(path: string): Promise<string> {
  return readFile(join(__dirname, "../../node-config", path), "utf8");
}
