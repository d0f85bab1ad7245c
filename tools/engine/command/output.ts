import { type Properties, unknownValue } from "../plugin/property-values";

/** The enumeration `Logging` of the official schema. */
const loggingValues = ["stdout", "stderr", "stdoutAndStderr", "none"];

/** The mistake in `logging`; an empty list if there is none. */
export function checkLogging(logging: unknown) {
  if (logging === undefined || logging === null || logging === unknownValue || loggingValues.includes(String(logging)))
    return [];
  return [{ property: "logging", reason: `must be one of ${loggingValues.join(", ")}, is ${JSON.stringify(logging)}` }];
}

/** Output of a command: collected whole, and shown line by line while it runs, as far as `logging` allows. */
export class Output {
  readonly #stdout: Buffer[] = [];
  readonly #stderr: Buffer[] = [];
  readonly #both: Buffer[] = [];
  #line = "";

  constructor(
    private readonly logging: unknown,
    private readonly show: (line: string) => void,
  ) {}

  stdout(chunk: Buffer): void {
    this.#stdout.push(chunk);
    this.#both.push(chunk);
    if (this.logging !== "stderr" && this.logging !== "none") this.#showLines(chunk);
  }

  stderr(chunk: Buffer): void {
    this.#stderr.push(chunk);
    this.#both.push(chunk);
    if (this.logging !== "stdout" && this.logging !== "none") this.#showLines(chunk);
  }

  /** The outputs of the resource, each without its last newline. */
  result(): Properties {
    return { stdout: withoutNewline(this.#stdout), stderr: withoutNewline(this.#stderr) };
  }

  /** The error of a command that failed, worded like the official provider's. */
  failure(reason: string, command: string): Error {
    return new Error(`${reason}: running ${JSON.stringify(command)}:\n${Buffer.concat(this.#both)}`);
  }

  #showLines(chunk: Buffer): void {
    const lines = (this.#line + chunk).split("\n");
    this.#line = lines.pop() ?? "";
    lines.forEach(this.show);
  }
}

function withoutNewline(chunks: Buffer[]): string {
  return Buffer.concat(chunks).toString().replace(/\n$/, "");
}

/**
 * Environment variables with the output of the previous run, unless the program sets `addPreviousOutputInEnv` to false.
 */
export function previousOutput(inputs: Properties, state: Properties): Record<string, string> {
  if (inputs.addPreviousOutputInEnv === false) return {};
  return {
    ...(state.stdout ? { PULUMI_COMMAND_STDOUT: String(state.stdout) } : {}),
    ...(state.stderr ? { PULUMI_COMMAND_STDERR: String(state.stderr) } : {}),
  };
}
