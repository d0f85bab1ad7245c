import type { Report } from "./report";
import type { Wanted } from "./wanted";

/**
 * Runs one script as root on one node and gives what it printed. `script` is a path below `node-config/`.
 * Rejects when the node can't be reached or the script fails.
 */
export type Run = (node: string, script: string, stdin: string) => Promise<string>;

export interface VerifyOptions {
  /** How long the cluster may take to settle before what is found counts, in seconds. @default 0 */
  readonly settleSeconds?: number;
  /** Progress, a line at a time. @default - silent */
  readonly say?: (line: string) => void;
}

/** Looks at a running cluster and says what holds. Never rejects for what it finds: that is in the report. */
export async function verify(_wanted: Wanted, _run: Run, _options: VerifyOptions = {}): Promise<Report> {
  throw new Error("verify: not written yet");
}
