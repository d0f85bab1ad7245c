import { homedir } from "node:os";
import { join } from "node:path";
import { cacheDirectory } from "../../tools/cache";
import { ensureEngine, linkPlugins } from "../../tools/engine/engine";
import { pulumiOnTerminal, pulumiOutput } from "../../tools/pulumi";
import { findPacks, packFlags, parametersFile } from "../packs/packs";
import { type Ask, expectDeclaredState } from "./state-in-use";

/** A run of `pulumi` on a stack that somebody is logged in to. */
export interface JudgedRun {
  readonly verb: "up" | "preview";
  readonly stack: string;
  /** Flags that name every pack. */
  readonly packs: readonly string[];
  /** Further flags of `pulumi`. */
  readonly flags?: readonly string[];
  /** Runs `pulumi` for people to see. @returns its exit status */
  readonly run: (args: readonly string[]) => Promise<number>;
  readonly ask: Ask;
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
 * @throws Error when a flag would leave something unjudged, or the state is not where it is said to be
 */
export async function runJudged({ verb, stack, packs, flags = [], run, ask }: JudgedRun): Promise<number> {
  const wrong = flags.map((flag) => flag.split("=")[0] as string).filter((flag) => flag in refused);
  if (wrong.length > 0) throw new Error(wrong.map((flag) => `${flag} is refused: ${refused[flag]}`).join("\n"));
  await expectDeclaredState(ask, stack);

  const code = await run([verb, "--stack", stack, ...packs, ...flags]);
  if (verb === "preview") return code;
  const judged = await run(["policy", "analyze", "--stack", stack, ...packs]);
  return code || judged;
}

/** `make up` and `make preview`: the repository's own program and packs, in the environment of whoever calls. */
export async function runHere(verb: JudgedRun["verb"], stack: string, flags: readonly string[]): Promise<number> {
  const repository = join(__dirname, "../..");
  const engine = await ensureEngine(() => {});
  // What the official CLI brought lies where it looks; only what was built here has to be laid out.
  const own = engine.plugins.filter(({ file }) => file.startsWith(cacheDirectory));
  await linkPlugins({ ...engine, plugins: own }, process.env.PULUMI_HOME ?? join(homedir(), ".pulumi"));
  const packs = await packFlags(await findPacks(repository), repository, (pack) => parametersFile(pack, stack));
  return runJudged({ verb, stack, packs, flags, ...pulumiIn(repository, { ...process.env, ...engine.env }) });
}

/** `pulumi` on the terminal, in the directory of a program. */
export function pulumiIn(cwd: string, env: NodeJS.ProcessEnv): Pick<JudgedRun, "run" | "ask"> {
  return {
    run: (args) => pulumiOnTerminal(args, { cwd, env }),
    ask: (args) => pulumiOutput(args, { cwd, env }),
  };
}
