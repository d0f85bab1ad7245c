import { execFile } from "node:child_process";
import { promisify } from "node:util";

/** A program and its arguments. */
export type CommandLine = readonly [string, ...string[]];

export interface RunOptions {
  readonly cwd?: string;
  /** Variables besides this process's own. */
  readonly env?: NodeJS.ProcessEnv;
  /** What the program reads from stdin. @default nothing */
  readonly input?: string;
}

/**
 * Runs a program to its end.
 *
 * @returns what it wrote to stdout, at most 64 MiB
 * @throws Error of `execFile`: `code` is the exit status or `ENOENT`; the message ends with what it wrote to stderr
 */
export async function run(
  program: string,
  args: readonly string[],
  { cwd, env, input }: RunOptions = {},
): Promise<string> {
  const running = promisify(execFile)(program, args, { cwd, env: { ...process.env, ...env }, maxBuffer: 64 << 20 });
  // A program that ends without reading its input says so by its exit status; EPIPE would hide that.
  running.child.stdin?.on("error", () => {}).end(input);
  return (await running).stdout;
}

/** As `run`, as root: namespaces, mounts, links and other root directories need it; nothing else in tools/ does. */
export async function asRoot(...argv: CommandLine): Promise<string> {
  const [program, ...args] = rootCommand(argv);
  return run(program, args);
}

/** The command line that runs `argv` as root: unchanged if this process is root, else through sudo. */
export function rootCommand(argv: CommandLine): CommandLine {
  return process.getuid?.() === 0 ? argv : ["sudo", ...argv];
}
