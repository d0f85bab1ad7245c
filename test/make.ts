import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";

/** What a command of the Makefile did. */
export interface Made {
  /** Exit status of `make`: 2 if the command failed. */
  readonly code: number | null;
  /** What it wrote to stdout and stderr. */
  readonly printed: string;
}

/**
 * Runs `make` as a user does, in a checkout that has its `node_modules`.
 *
 * @param env Variables besides this process's own; undefined takes one away.
 */
export async function make(directory: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Made> {
  // The age of node_modules says nothing here: without this, `make` would run `npm ci`.
  const child = spawn("make", ["--silent", "--assume-old=node_modules", ...args], {
    cwd: directory,
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const ended = new Promise<number | null>((resolve, reject) => child.on("error", reject).on("close", resolve));
  const [output, errors, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  return { code, printed: output + errors };
}
