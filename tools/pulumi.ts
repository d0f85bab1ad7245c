import { spawn } from "node:child_process";
import { createWriteStream } from "node:fs";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { finished } from "node:stream/promises";

/** How `pulumi` runs, and who gets its output. */
export interface PulumiOptions {
  /** Directory of the project. */
  readonly cwd: string;
  /** The whole environment: nothing is added from this process's own. */
  readonly env: NodeJS.ProcessEnv;
  /** What it reads from stdin, such as the value of a secret. @default nothing */
  readonly input?: string;
  /** Gets each line of stdout while the command runs. */
  readonly onLine?: (line: string) => void;
  /** File that gets stdout while the command runs. */
  readonly log?: string;
  /** Kills the command at once. */
  readonly signal?: AbortSignal;
}

/** How a command ended and what it printed. */
export interface PulumiRun {
  /** Exit status; null if a signal ended it. */
  readonly code: number | null;
  readonly output: string;
  /** What it wrote to stderr. */
  readonly errors: string;
}

/** Runs a command of the CLI that asks no questions. @throws Error only if `pulumi` can't be started or is aborted */
export async function pulumi(args: readonly string[], options: PulumiOptions): Promise<PulumiRun> {
  const { cwd, env, input = "", onLine, log, signal } = options;
  const child = spawn("pulumi", [...args, "--non-interactive"], {
    cwd,
    env: withoutAgent(env),
    signal,
    killSignal: "SIGKILL",
  });
  // A command that ends without reading its input says so by its exit status; EPIPE would hide that.
  child.stdin.on("error", () => {}).end(input);
  const [output, errors] = [collected(child.stdout), collected(child.stderr)];
  if (onLine) createInterface(child.stdout).on("line", onLine);
  const logged = log && finished(child.stdout.pipe(createWriteStream(log)));
  const [code] = await Promise.all([ended(child), logged]);
  return { code, output: output(), errors: errors() };
}

/**
 * As `pulumi`, for a command that has to succeed.
 *
 * @returns stdout
 * @throws Error with the command and what it printed
 */
export async function pulumiOutput(args: readonly string[], options: PulumiOptions): Promise<string> {
  const { code, output, errors } = await pulumi(args, options);
  if (code !== 0) throw new Error(`pulumi ${args.join(" ")}: ${errors || output}`);
  return output;
}

/** Runs a command on this terminal, with its questions, colours and progress. @returns its exit status */
export async function pulumiOnTerminal(
  args: readonly string[],
  { cwd, env }: Pick<PulumiOptions, "cwd" | "env">,
): Promise<number> {
  return (await ended(spawn("pulumi", args, { cwd, env: withoutAgent(env), stdio: "inherit" }))) ?? 1;
}

/**
 * Connections have private keys of their own, so no SSH agent is asked; but the command provider fails each remote
 * command when the variable leads to an agent that is gone, as in a terminal multiplexer after a new login.
 */
function withoutAgent({ SSH_AUTH_SOCK, ...env }: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return env;
}

/** What a stream has given so far. By events, so that others can read it too. */
function collected(stream: Readable): () => string {
  let text = "";
  stream.setEncoding("utf8").on("data", (chunk: string) => {
    text += chunk;
  });
  return () => text;
}

/** One that is aborted has ended too when this rejects, so that nobody takes its lock for one that is held. */
function ended(child: ReturnType<typeof spawn>): Promise<number | null> {
  return new Promise((resolve, reject) => {
    child.on("error", (error) => (child.pid === undefined ? reject(error) : child.on("exit", () => reject(error))));
    child.on("close", resolve);
  });
}
