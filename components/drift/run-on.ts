import { commandLine, type RunOptions, runner, startOf } from "../machine/runner";
import type { Dial, DialTarget } from "./dial";

/** What runs on a machine, through the runner. */
export interface Program extends Omit<RunOptions, "start"> {
  /** What runs for `create` and `update`, and what for `delete` if that is another one. */
  readonly texts: readonly string[];
  /** @default "bash" */
  readonly language?: "bash" | "python";
  readonly stdin: string;
  /** Whether what it prints is a secret: then nobody is shown it. @default false */
  readonly secret?: boolean;
}

/** Runs it for the resource of this URN, and returns what it printed. Rejects with its name and its errors. */
export type RunOn = (urn: string, target: DialTarget, program: Program) => Promise<string>;

/**
 * @param show Shows a line beside a resource while the engine works on it.
 * @param signal Ends the dialling.
 */
export function runOnBy(dial: Dial, show: (urn: string, line: string) => void, signal: AbortSignal): RunOn {
  return async (urn, target, { texts, language, stdin, secret, ...options }) => {
    const { name, action } = options;
    const { status, stdout, stderr } = await dial({
      target,
      line: commandLine({ ...options, start: startOf(texts, language) }),
      stdin: `${runner}${texts.join("")}${stdin}`,
      say: (line, isPrinted) => {
        if (!(secret && isPrinted)) show(urn, line);
      },
      signal,
    });
    if (status === 0) return stdout;
    const what = `${name} ${action} on ${target.host}`;
    if (status === undefined)
      throw new Error(
        `${what}: the connection is lost. It goes on there to its end; run again, which waits for that.\n${stderr}`,
      );
    throw new Error(
      `${what} failed with status ${status}:\n${[stderr, secret ? "" : stdout].filter(Boolean).join("\n")}`,
    );
  };
}
