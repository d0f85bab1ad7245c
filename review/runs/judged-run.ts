import { pulumiOnTerminal, pulumiOutput } from "../../tools/pulumi";
import { type Ask, expectDeclaredState } from "./state-in-use";

/** A run of `pulumi` on a stack of the backend that the user is logged in to. */
export interface JudgedRun {
  readonly verb: "up" | "preview";
  readonly stack: string;
  /** Flags by which every policy pack judges the run. */
  readonly packs: readonly string[];
  /** Further flags of `pulumi`. */
  readonly flags?: readonly string[];
  /** Runs `pulumi` with its output shown to the user. @returns its exit status */
  readonly run: (args: readonly string[]) => Promise<number>;
  readonly ask: Ask;
}

/** Flags of `pulumi` that would leave resources unjudged, each with the reason. */
const refused: Readonly<Record<string, string>> = {
  "--target": "resources outside the target are judged by what they were, not by what they would be",
  "--target-dependents": "resources outside the target are judged by what they were, not by what they would be",
  "--policy-pack": "the packs are passed already; edit policies/ to change them",
  "--policy-pack-config": "the packs' parameters are part of the repository; edit them there",
};

/**
 * Runs `pulumi up` or `preview` with every policy pack. After `up`, failed or not, the packs judge the state too: only
 * there every value is known.
 *
 * @returns exit status of `pulumi`; where that is 0, of the judgement of the state
 * @throws Error when a flag would leave resources unjudged, or the state is not kept where the settings say
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

/** Runs `pulumi` on the terminal, in the directory of a program. What it says when a question fails is in the error. */
export function pulumiIn(cwd: string, env: NodeJS.ProcessEnv): Pick<JudgedRun, "run" | "ask"> {
  return {
    run: (args) => pulumiOnTerminal(args, { cwd, env }),
    ask: (args) => pulumiOutput(args, { cwd, env }),
  };
}
