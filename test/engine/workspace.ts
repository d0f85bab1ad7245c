import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { TestContext } from "node:test";
import { stringify } from "yaml";
import { ensureEngine, linkPlugins } from "../../tools/engine/engine";
import type { PieceName } from "../../tools/engine/pieces";
import { pulumi as runPulumi } from "../../tools/pulumi";
import { transpiled } from "../transpiled";

/** What one run of `pulumi` did. */
export interface Run {
  readonly code: number | null;
  /** Everything it printed. */
  readonly output: string;
  /** `create web`, `update db`, …: steps of `up` and `destroy` in order, without providers and the stack itself. */
  readonly steps: readonly string[];
}

/** A new Pulumi stack with file backend, PULUMI_HOME and passphrase in a temporary directory. */
export interface Workspace {
  readonly directory: string;
  /** The environment in which `pulumi` finds the stack. */
  readonly env: NodeJS.ProcessEnv;
  /**
   * For a test of what only kjerne's stand-in does: where the official piece serves instead, skips it and prints why.
   *
   * @param reason What the official piece does, after its name.
   * @returns whether the test is skipped
   */
  skipIfOfficial(t: TestContext, piece: PieceName, reason: string): boolean;
  /** Sets what the program reads as its input. */
  setInput(input: unknown): Promise<void>;
  up(...args: string[]): Promise<Run>;
  destroy(...args: string[]): Promise<Run>;
  pulumi(...args: string[]): Promise<Run>;
  /** Starts `pulumi` without waiting for it. */
  spawn(...args: string[]): ChildProcess;
  /** Content of the stack's state file. */
  state(): Promise<string>;
  remove(): Promise<void>;
}

/** @param program - file, an absolute path or one below `test/engine/programs`; it finds its input, JSON, in the file that KJERNE_TEST_INPUT names */
export async function makeWorkspace(program: string): Promise<Workspace> {
  const engine = await ensureEngine(() => {});
  const directory = await mkdtemp(join(tmpdir(), "kjerne-pulumi-"));
  const path = (name: string) => join(directory, name);
  const project = {
    name: "test",
    runtime: "nodejs",
    main: resolve(__dirname, "programs", program),
  };
  await writeFile(path("Pulumi.yaml"), stringify(project));
  await writeFile(path("passphrase"), "correct horse battery staple", { mode: 0o600 });
  await Promise.all(["backend", "tmp"].map((name) => mkdir(path(name))));
  await linkPlugins(engine, path("home"));

  const env: NodeJS.ProcessEnv = {
    ...process.env,
    ...engine.env,
    PULUMI_HOME: path("home"),
    PULUMI_BACKEND_URL: `file://${path("backend")}`,
    PULUMI_CONFIG_PASSPHRASE_FILE: path("passphrase"),
    ...transpiled,
    PULUMI_DEBUG_COMMANDS: "true", // for --event-log
    KJERNE_TEST_INPUT: path("input.json"),
    TMPDIR: path("tmp"),
  };
  delete env.SSH_AUTH_SOCK;
  const pulumi = async (...args: string[]): Promise<Run> => {
    const { code, output, errors } = await runPulumi(args, { cwd: directory, env });
    return { code, output: output + errors, steps: [] };
  };
  const change = async (...args: string[]): Promise<Run> => {
    const log = path("events.jsonl");
    await rm(log, { force: true });
    const run = await pulumi(...args, "--event-log", log);
    return { ...run, steps: existsSync(log) ? stepsOf(await readFile(log, "utf8")) : [] };
  };

  const created = await pulumi("stack", "init", "dev");
  if (created.code !== 0) throw new Error(created.output);
  return {
    directory,
    env,
    skipIfOfficial(t, piece, reason) {
      const isOfficial = engine.pieces.some(({ name, official }) => name === piece && official);
      if (isOfficial) t.skip(`the official ${piece} ${reason}`);
      return isOfficial;
    },
    setInput: (input) => writeFile(path("input.json"), JSON.stringify(input), { mode: 0o600 }),
    up: (...args) => change("up", "--yes", "--skip-preview", ...args),
    destroy: (...args) => change("destroy", "--yes", "--skip-preview", ...args),
    pulumi,
    spawn: (...args) => spawn("pulumi", [...args, "--non-interactive"], { cwd: directory, env }),
    state: () => readFile(path("backend/.pulumi/stacks/test/dev.json"), "utf8"),
    remove: () => rm(directory, { recursive: true, force: true }),
  };
}

function stepsOf(eventLog: string): string[] {
  return eventLog
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line).resourcePreEvent?.metadata)
    .filter((step) => step && step.op !== "same" && !/^pulumi:(providers:|pulumi:Stack)/.test(step.type))
    .map((step) => `${step.op} ${step.urn.split("::").at(-1)}`);
}
