import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { alive } from "./cache";
import { type PulumiOptions, pulumi, pulumiOutput } from "./pulumi";

const repository = join(__dirname, "..");

/** A stack, and the environment in which `pulumi` finds it. */
export interface Stack {
  readonly name: string;
  /** Directory with its settings file and a project file; output of runs is kept there too. */
  readonly directory: string;
  /** The project that `pulumi` runs in. @default - this repository */
  readonly program?: string;
  readonly env: Readonly<Record<string, string>>;
  /** Directory of the file backend. */
  readonly backend: string;
}

type Say = (line: string) => void;
/** `policy` is followed by `analyze`, which says nothing worth a line until it has ended. */
type Verb = "up" | "destroy" | "preview" | "policy";

/**
 * Makes the stack where it does not exist, and selects it. `stack init` writes its salt into the settings of the project
 * that it runs in, whatever `--config-file` says: so it runs in the stack's own directory.
 */
export async function ensureStack(stack: Stack): Promise<void> {
  await pulumiOn({ ...stack, program: stack.directory }, ["stack", "select", "--create", stack.name]);
  await pulumiOn(stack, ["stack", "select", stack.name]);
}

/** Sets a secret of the stack, unless it is there. The value goes in by stdin. */
export async function ensureSecret(stack: Stack, key: string, value: string): Promise<void> {
  if ((await ask(stack, ["config", "get", "--path", key])) !== undefined) return;
  await pulumiOn(stack, ["config", "set", "--secret", "--path", key], value);
}

/**
 * Runs `pulumi up`, `destroy`, `preview` or `policy analyze` and says each line, but for what policy packs have to say at
 * the end: of that, violations are in the error, and advice is in the log.
 *
 * @throws Error with the end of what the engine said, when it fails.
 */
export async function runStack(stack: Stack, verb: Verb, flags: readonly string[], say: Say): Promise<string> {
  await releaseLock(stack);
  const log = join(stack.directory, `${verb}.log`);
  const args = [verb, ...flags, "--color", "never"];
  const { code, output, errors } = await withOwnTmpdir(stack, (place) =>
    pulumi(args, { ...place, log, onLine: progressOf(say) }),
  );
  if (code === 0) return output;
  // What stops the CLI before there is a run, such as another's lock, is among `errors`.
  throw new Error(
    `pulumi ${verb} failed; its whole output is in ${log}\n\n${diagnostics(output.trimEnd())}\n${errors}`.trimEnd(),
  );
}

/** Passes on the lines that show progress. What policy packs have to say comes below a heading at the end. */
function progressOf(say: Say): (line: string) => void {
  let heading = "";
  return (line) => {
    heading = /^(\w+):$/.exec(line)?.[1] ?? heading;
    // The engine writes a dot a second while it waits.
    if (heading !== "Policies" && line.trim() && !/^@ \w+\.+$/.test(line)) say(line.trim());
  };
}

/** One output of the stack. Undefined where the stack has none of that name. */
export async function stackOutput<T>(stack: Stack, name: string): Promise<T | undefined> {
  const text = await ask(stack, ["stack", "output", name, "--json", "--show-secrets"]);
  return text === undefined ? undefined : (JSON.parse(text) as T);
}

/** A killed run leaves its lock, and the next one is refused. `cancel` takes away all locks: only where no run lives. */
async function releaseLock(stack: Stack): Promise<void> {
  const entries = await readdir(join(stack.backend, ".pulumi/locks"), { recursive: true, withFileTypes: true });
  // Beside each lock lies a file of attributes.
  const locks = entries.filter((entry) => entry.isFile() && entry.name.endsWith(".json"));
  const texts = await Promise.all(locks.map((lock) => readFile(join(lock.parentPath, lock.name), "utf8")));
  const holders = texts.map((lock) => (JSON.parse(lock) as { pid: number }).pid);
  if (holders.length > 0 && !holders.some(alive)) await pulumiOn(stack, ["cancel", "--yes", stack.name]);
}

/** What follows the headings under which the engine collects errors and violated policies; else the last lines. */
function diagnostics(output: string): string {
  const start = output.search(/^(Diagnostics|Policies):$/m);
  if (start < 0) return output.split("\n").slice(-40).join("\n");
  // A policy's words are indented below its name.
  return output.slice(start).replaceAll(/^ {8}- \[advisory\].*\n( {10}.*\n)*/gm, "");
}

/** Runs any other command of the CLI. @returns what it printed @throws Error with what it said */
export async function pulumiOn(stack: Stack, args: readonly string[], input?: string): Promise<string> {
  return withOwnTmpdir(stack, (place) => pulumiOutput(args, { ...place, input }));
}

/** As `pulumiOn`, for a question whose answer may be that there is nothing. */
async function ask(stack: Stack, args: readonly string[]): Promise<string | undefined> {
  const { code, output } = await withOwnTmpdir(stack, (place) => pulumi(args, place));
  return code === 0 ? output : undefined;
}

/** Gives a command a TMPDIR of its own: it and its providers leave files there, the cluster's credentials among them. */
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
