import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { textOf as scriptText } from "../machine/program-text";
import { textOf, UnreachableError } from "./run";

/** Of a message, in characters: a node that somebody else has may print any number, and all would go into the journal. */
const longest = 2000;

/** What runs somewhere, and for how long. */
export interface Asked {
  readonly node: string;
  /** What messages call it. */
  readonly script: string;
  readonly seconds: number;
  /** Program and arguments: of the ssh client, or of this machine. */
  readonly command: readonly [string, ...string[]];
  readonly stdin: string;
}

/** A script below `node-config/` as it is sent to a node: before it stands what scripts that look at a node share. */
export async function sentScript(script: string): Promise<string> {
  return `${await textOf("verify/reading.sh")}\n${scriptText(script)}`;
}

/**
 * Runs the command, and returns what it printed. Rejects with an `UnreachableError` when ssh has no connection, or the time is
 * over.
 */
export async function send({ node, script, seconds, command: [program, ...given], stdin }: Asked): Promise<string> {
  const ran = promisify(execFile)(program, given, {
    maxBuffer: 64 * 1024 * 1024,
    timeout: seconds * 1000,
  });
  // If the node closes the connection early, report the exit status, not EPIPE.
  ran.child.stdin?.on("error", () => {}).end(stdin);
  try {
    return (await ran).stdout;
  } catch (error) {
    const { code, stderr, killed } = error as { code?: number | string | null; stderr?: string; killed?: boolean };
    if (killed && code === null) throw new UnreachableError(`${script} on ${node} did not end within ${seconds} s`);
    const message = `${script} on ${node}: ${stderr?.trim().slice(-longest) || "no message"} (${program} exit status ${code})`;
    throw code === 255 ? new UnreachableError(message) : new Error(message);
  }
}
