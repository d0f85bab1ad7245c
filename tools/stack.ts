import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { alive } from "./cache";
import { type PulumiOptions, pulumi, pulumiOutput } from "./pulumi";

const repository = join(__dirname, "..");

/** A stack, and the environment in which `pulumi` finds it. */
export interface Stack {
  readonly name: string;
  /** Directory with its settings file and a project file. Runs keep their output there too. */
  readonly directory: string;
  /** The project that `pulumi` runs in. @default - this repository */
  readonly program?: string;
  readonly env: Readonly<Record<string, string>>;
  /** Directory of the file backend. */
  readonly backend: string;
}

type Say = (line: string) => void;
/** `policy` is for `policy analyze`. */
type Verb = "up" | "destroy" | "preview" | "policy";

/**
 * Creates the stack if it does not exist, and selects it. Creating a stack writes a salt into the settings of the
 * project that the command runs in, whatever `--config-file` says: so it runs in the stack's own directory.
 */
export async function ensureStack(stack: Stack): Promise<void> {
  await pulumiOn({ ...stack, program: stack.directory }, ["stack", "select", "--create", stack.name]);
  await pulumiOn(stack, ["stack", "select", stack.name]);
}

/** Sets a secret of the stack, unless the stack has it. `pulumi` gets the value by stdin. */
export async function ensureSecret(stack: Stack, key: string, value: string): Promise<void> {
  if ((await ask(stack, ["config", "get", "--path", key, ...named(stack)])) !== undefined) return;
  await pulumiOn(stack, ["config", "set", "--secret", "--path", key, ...named(stack)], value);
}

/**
 * Runs `pulumi up`, `destroy`, `preview` or `policy analyze`. `say` gets each line of progress, without the report of
 * the policy packs at the end: the error has their violations, and the log has their advice. `signal` kills the run.
 *
 * @throws Error with the diagnostics at the end of the output, if the command fails
 */
export async function runStack(
  stack: Stack,
  verb: Verb,
  flags: readonly string[],
  say: Say,
  signal?: AbortSignal,
): Promise<string> {
  await releaseLock(stack);
  const log = join(stack.directory, `${verb}.log`);
  const args = [verb, ...flags, ...named(stack), "--color", "never"];
  const { code, output, errors } = await withOwnTmpdir(stack, (place) =>
    pulumi(args, { ...place, log, onLine: progressOf(say), signal }),
  );
  if (code === 0) return output;
  // What stops the CLI before the run begins, such as the lock of another run, is in `errors`.
  throw new Error(
    `pulumi ${verb} failed; its whole output is in ${log}\n\n${diagnostics(output.trimEnd())}\n${errors}`.trimEnd(),
  );
}

/** Passes lines of progress on to `say`, until the heading of the policy packs' report. */
function progressOf(say: Say): (line: string) => void {
  let heading = "";
  return (line) => {
    heading = /^(\w+):$/.exec(line)?.[1] ?? heading;
    // The engine writes a dot a second while it waits.
    if (heading !== "Policies" && line.trim() && !/^@ \w+\.+$/.test(line)) say(line.trim());
  };
}

/** One output of the stack. Undefined if the stack has no output of that name. */
export async function stackOutput<T>(stack: Stack, name: string): Promise<T | undefined> {
  const text = await ask(stack, ["stack", "output", name, "--json", "--show-secrets", ...named(stack)]);
  return text === undefined ? undefined : (JSON.parse(text) as T);
}

/** Whatever stack an operator has selected. */
function named({ name }: Stack): readonly string[] {
  return ["--stack", name];
}

/** A killed run leaves its lock, which stops the next run. `cancel` removes all locks, so only if no run is alive. */
async function releaseLock(stack: Stack): Promise<void> {
  const entries = await readdir(join(stack.backend, ".pulumi/locks"), { recursive: true, withFileTypes: true });
  // Beside each lock lies a file of attributes.
  const locks = entries.filter((entry) => entry.isFile() && entry.name.endsWith(".json"));
  const texts = await Promise.all(locks.map((lock) => readFile(join(lock.parentPath, lock.name), "utf8")));
  const holders = texts.map((lock) => (JSON.parse(lock) as { pid: number }).pid);
  if (holders.length > 0 && !holders.some(alive)) await pulumiOn(stack, ["cancel", "--yes", stack.name]);
}

/** The part of the output with errors and violated policies; the last lines if the output has no such part. */
function diagnostics(output: string): string {
  const start = output.search(/^(Diagnostics|Policies):$/m);
  if (start < 0) return output.split("\n").slice(-40).join("\n");
  // The message of a policy is indented below its name.
  return output.slice(start).replaceAll(/^ {8}- \[advisory\].*\n( {10}.*\n)*/gm, "");
}

/** Runs any other command of the CLI on a stack. @returns stdout @throws Error with what it printed, if it fails */
export async function pulumiOn(stack: Stack, args: readonly string[], input?: string): Promise<string> {
  return withOwnTmpdir(stack, (place) => pulumiOutput(args, { ...place, input }));
}

/** As `pulumiOn`, for a value that may not exist. @returns undefined if the command fails */
async function ask(stack: Stack, args: readonly string[]): Promise<string | undefined> {
  const { code, output } = await withOwnTmpdir(stack, (place) => pulumi(args, place));
  return code === 0 ? output : undefined;
}

/** Gives a command a TMPDIR of its own: it and its providers leave files there, such as the cluster's credentials. */
async function withOwnTmpdir<T>(
  { directory, program = repository, env }: Stack,
  run: (place: Pick<PulumiOptions, "cwd" | "env">) => Promise<T>,
): Promise<T> {
  const TMPDIR = await mkdtemp(join(directory, "tmp-"));
  try {
    return await run({ cwd: program, env: { ...process.env, ...env, TMPDIR } });
  } finally {
    await rm(TMPDIR, { recursive: true, force: true });
  }
}
