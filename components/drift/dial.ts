import { spawn } from "node:child_process";
import { setTimeout as pause } from "node:timers/promises";
import { UnreachableError } from "../verify/run";
import { type SshTarget, withSshConfig } from "../verify/ssh";
import { eachLine, most } from "./lines";

/** How a machine is reached, the plain form of a `Connection`, and how patiently. */
export interface DialTarget extends SshTarget {
  /** @default 10 */
  readonly dialErrorLimit?: number;
  /** @default 15 */
  readonly perDialTimeout?: number;
}

/** A command line for the login shell of a machine. */
export interface Sent {
  readonly target: DialTarget;
  readonly line: string;
  readonly stdin: string;
  /** Gets each line as it comes: those that the command printed, and one for each attempt that failed. */
  readonly say: (line: string, isPrinted: boolean) => void;
  /** Ends the dialling. What runs on the machine would go on without us, so its end is waited for. */
  readonly signal: AbortSignal;
}

/** Outputs are without their last newline. */
export interface Ended {
  /** Exit status of the command; undefined where the connection was lost before its end. */
  readonly status: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** How a machine runs a command line: `dial`, or a machine of a test. */
export type Dial = (sent: Sent) => Promise<Ended>;

/** What the login shell prints first: from then on the machine has been reached. */
const reached = "kjerne has reached the machine";

/**
 * Runs a command line on a machine by `ssh`, once it answers.
 *
 * @throws UnreachableError with what ssh said last, when more attempts failed than the target's limit
 */
export const dial: Dial = ({ target, ...sent }) =>
  withSshConfig({ machine: target }, async (config) => {
    const { dialErrorLimit: limit = 10, perDialTimeout: seconds = 15 } = target;
    const command = ["-F", config, "-o", `ConnectTimeout=${seconds}`, "machine", `echo ${reached}; ${sent.line}`];
    for (let failed = 1, delay = 100; ; failed++, delay = Math.min(1.5 * delay, 5000)) {
      const ended = await attempt(command, sent);
      if (typeof ended !== "string") return ended;
      const why = `${target.host}: ${ended}`;
      if (limit >= 0 && failed > limit) throw new UnreachableError(`after ${failed} failed attempts: ${why}`);
      sent.say(`attempt ${failed} of ${limit < 0 ? "any number" : limit + 1} failed: ${why}`, false);
      await pause(delay, undefined, { signal: sent.signal });
    }
  });

/** How long a machine that takes the connection may need for the login, before an attempt counts as failed. */
const loginSeconds = 120;

/** What the command ended with, or why the machine was not reached. */
function attempt(command: readonly string[], { stdin, say }: Pick<Sent, "stdin" | "say">): Promise<Ended | string> {
  const child = spawn("ssh", command, { stdio: "pipe" });
  let why = "";
  const end = (reason: string) => {
    why ||= reason;
    child.kill("SIGKILL");
  };
  const timer = setTimeout(() => end(`no login within ${loginSeconds} s`), loginSeconds * 1000);
  // When the machine closes the connection early, the exit status tells more than EPIPE.
  child.stdin.on("error", () => {}).end(stdin);
  const [stdout, stderr]: [string[], string[]] = [[], []];
  let isReached = false;
  const flooded = () => end(`it printed more than ${most.characters} characters or ${most.lines} lines`);
  eachLine(child.stdout, flooded, (line) => {
    if (isReached) {
      stdout.push(line);
      say(line, true);
      // Behind what the login user's shell may print at its start, with or without a newline.
    } else if (line.endsWith(reached)) {
      isReached = true;
      clearTimeout(timer);
    }
  });
  eachLine(child.stderr, flooded, (line) => {
    stderr.push(line);
    if (isReached) say(line, true);
  });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => {
      clearTimeout(timer);
      const [printed, errors] = [stdout, stderr].map((lines) => lines.join("\n")) as [string, string];
      if (!isReached) return resolve(why || errors.trim() || `ssh ended with status ${code} and no message`);
      resolve({ status: code === 255 ? undefined : (code ?? undefined), stdout: printed, stderr: why || errors });
    });
  });
}
