import { pulumiOnTerminal, pulumiOutput } from "../../tools/pulumi";
import { allowedFlags, refusedFlags, refusedVariables } from "./flags";
import { type Ask, expectDeclaredState } from "./state-in-use";

/** A run of `pulumi` on a stack of the backend that the user is logged in to. */
export interface JudgedRun {
  readonly verb: "up" | "preview";
  readonly stack: string;
  /** Flags by which every policy pack judges the run. */
  readonly packs: readonly string[];
  /** Further flags of `pulumi`. */
  readonly flags?: readonly string[];
  /** Variables that `pulumi` gets. */
  readonly env: NodeJS.ProcessEnv;
  /** Runs `pulumi` with its output shown to the user. @returns its exit status */
  readonly run: (args: readonly string[]) => Promise<number>;
  readonly ask: Ask;
}

/**
 * Runs `pulumi up` or `preview` with every policy pack. After `up`, failed or not, the packs judge the state too: only
 * there every value is known.
 *
 * @returns exit status of `pulumi`; where that is 0, of the judgement of the state
 * @throws Error when a flag would leave resources unjudged, or the state is not kept where the settings say,
 *   before or after the run
 */
export async function runJudged({ verb, stack, packs, flags = [], env, run, ask }: JudgedRun): Promise<number> {
  const wrong = [...refusedFlags(flags), ...refusedVariables(env)];
  if (wrong.length > 0) {
    const allowed = Object.keys(allowedFlags).map((name) => `--${name}`);
    throw new Error([...wrong, `Flags that leave all judged: ${allowed.join(" ")}`].join("\n"));
  }
  await expectDeclaredState(ask, stack);

  const code = await run([verb, "--stack", stack, ...packs, ...flags]);
  if (verb === "preview") return code;
  const judged = await run(["policy", "analyze", "--stack", stack, ...packs]);
  // The run itself may have changed what encrypts the state.
  await expectDeclaredState(ask, stack);
  return code || judged;
}

/** Runs `pulumi` on the terminal, in the directory of a program. What it says when a question fails is in the error. */
export function pulumiIn(cwd: string, env: NodeJS.ProcessEnv): Pick<JudgedRun, "run" | "ask" | "env"> {
  return {
    env,
    run: (args) => pulumiOnTerminal(args, { cwd, env }),
    ask: (args) => pulumiOutput(args, { cwd, env }),
  };
}
