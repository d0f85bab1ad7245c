import { isUtf8 } from "node:buffer";
import { type Properties, unknownValue } from "../plugin/property-values";
import type { Failure } from "../plugin/schema";

/** The enumeration `Logging` of the official schema. */
const loggingValues = ["stdout", "stderr", "stdoutAndStderr", "none"];

/** From this length on, the official provider waits for ever for the end of a line that it logs. */
const lineBytes = 64 * 1024;

/** The mistake in `logging`; an empty list if there is none. */
export function checkLogging(logging: unknown): Failure[] {
  if (logging === undefined || logging === null || logging === unknownValue || loggingValues.includes(String(logging)))
    return [];
  return [{ property: "logging", reason: `must be one of ${loggingValues.join(", ")}, is ${JSON.stringify(logging)}` }];
}

/** Output of a command: collected whole, and shown line by line while it runs, as far as `logging` allows. */
export class Output {
  readonly #stdout: Buffer[] = [];
  readonly #stderr: Buffer[] = [];
  readonly #both: Buffer[] = [];
  #line = Buffer.alloc(0);
  #hasLongLine = false;

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

  /**
   * The outputs of the resource, each without its last newline.
   *
   * @throws Error for output with which the official provider fails or hangs, though the command has succeeded
   */
  result(command: string): Properties {
    if (this.#line.length) this.show(this.#line.toString());
    if (this.#hasLongLine) {
      throw this.failure(
        "a line of 64 KiB or more was printed, at which the official provider hangs; print shorter ones or set logging to none",
        command,
      );
    }
    return { stdout: this.#text(this.#stdout, command), stderr: this.#text(this.#stderr, command) };
  }

  /** The error of a command that failed, worded like the official provider's. */
  failure(reason: string, command: string): Error {
    return new Error(`${reason}: running ${JSON.stringify(command)}:\n${Buffer.concat(this.#both)}`);
  }

  #showLines(chunk: Buffer): void {
    if (this.#hasLongLine) return;
    this.#line = Buffer.concat([this.#line, chunk]);
    for (let end = this.#line.indexOf("\n"); end >= 0; end = this.#line.indexOf("\n")) {
      this.#hasLongLine ||= end >= lineBytes;
      this.show(this.#line.subarray(0, end).toString());
      this.#line = this.#line.subarray(end + 1);
    }
    this.#hasLongLine ||= this.#line.length >= lineBytes;
  }

  #text(chunks: readonly Buffer[], command: string): string {
    const bytes = Buffer.concat(chunks);
    if (!isUtf8(bytes)) throw this.failure("the output is not UTF-8, which the engine's protocol demands", command);
    return bytes.toString().replace(/\n$/, "");
  }
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
