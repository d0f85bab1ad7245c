import { execFile } from "node:child_process";
import { promisify } from "node:util";

const execute = promisify(execFile);

/** A program and its arguments. */
export type CommandLine = readonly [string, ...string[]];

/** Runs a program to its end and returns what it printed; fails with what it wrote to stderr. */
export async function run([program, ...args]: CommandLine): Promise<string> {
  return (await execute(program, args, { maxBuffer: 64 << 20 })).stdout;
}

/** As `run`, as root: namespaces, mounts, links and other root directories need it; nothing else in tools/ does. */
export async function asRoot(...argv: CommandLine): Promise<string> {
  return run(rootCommand(argv));
}

/** The command line that runs `argv` as root: as it is where we are root, else through sudo. */
export function rootCommand(argv: CommandLine): CommandLine {
  return process.getuid?.() === 0 ? argv : ["sudo", ...argv];
}
