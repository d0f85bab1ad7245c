import { spawn } from "node:child_process";
import { homedir } from "node:os";
import { join } from "node:path";
import { cacheDirectory } from "../cache";
import { ensureEngine, linkPlugins } from "../engine/engine";
import { findPacks, type Pack, packFlags } from "./packs";

/** A run of `pulumi` on a stack that somebody is logged in to. */
export interface JudgedRun {
  readonly verb: "up" | "preview";
  readonly stack: string;
  /** Directory of the program. */
  readonly program: string;
  /** Where the packs are. */
  readonly packs: readonly Pack[];
  /** Further flags of `pulumi`. */
  readonly flags?: readonly string[];
  readonly env: NodeJS.ProcessEnv;
}

/** Flags that would leave something unjudged, and why. */
const refused: Readonly<Record<string, string>> = {
  "--target": "resources outside the target are judged by what they were, not by what they would be",
  "--target-dependents": "resources outside the target are judged by what they were, not by what they would be",
  "--policy-pack": "the packs are passed already; edit policies/ to change them",
  "--policy-pack-config": "the packs' parameters are part of the repository; edit them there",
};

/**
 * Runs `pulumi up` or `preview` with every pack, so that nobody can forget one. After `up`, however it ended, the packs
 * judge the state: there every value is known.
 *
 * @returns exit status: that of `pulumi`, or of the judgement where `pulumi` itself had no objection
 * @throws Error when a flag would leave something unjudged
 */
export async function runJudged({ verb, stack, program, packs, flags = [], env }: JudgedRun): Promise<number> {
  const wrong = flags.map((flag) => flag.split("=")[0] as string).filter((flag) => flag in refused);
  if (wrong.length > 0) throw new Error(wrong.map((flag) => `${flag} is refused: ${refused[flag]}`).join("\n"));

  const code = await pulumi([verb, "--stack", stack, ...packFlags(packs, stack), ...flags]);
  if (verb === "preview") return code;
  const judged = await pulumi(["policy", "analyze", "--stack", stack, ...packFlags(packs, stack)]);
  return code || judged;

  function pulumi(args: readonly string[]): Promise<number> {
    const child = spawn("pulumi", args, { cwd: program, env, stdio: "inherit" });
    return new Promise((resolve, reject) => child.on("error", reject).on("close", (status) => resolve(status ?? 1)));
  }
}

/** `make up` and `make preview`: the repository's own program and packs, in the environment of whoever calls. */
export async function runHere(verb: JudgedRun["verb"], stack: string, flags: readonly string[]): Promise<number> {
  const repository = join(__dirname, "../..");
  const engine = await ensureEngine(() => {});
  // What the official CLI brought lies where it looks; only what was built here has to be laid out.
  const own = engine.plugins.filter(({ file }) => file.startsWith(cacheDirectory));
  await linkPlugins({ ...engine, plugins: own }, process.env.PULUMI_HOME ?? join(homedir(), ".pulumi"));
  const env = { ...process.env, ...engine.env };
  return runJudged({ verb, stack, program: repository, packs: await findPacks(repository), flags, env });
}
