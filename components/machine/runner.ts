import { pythonOf } from "./program-text";

/** What a command is run for: the first argument of a script. */
export type Action = "create" | "update" | "delete";

export interface RunOptions {
  /** What messages call it. */
  readonly name: string;
  readonly action: Action;
  /** Python that reads the runner and what it runs from stdin, and calls it. No single quotes. */
  readonly start: string;
  /** When it is ended, children and all, if it has not ended by itself. @default 45 */
  readonly deadlineMinutes?: number;
  /** Whether it waits for the machine's lock, and holds it. @default true */
  readonly exclusive?: boolean;
  /** Whether it stays the login user, and then takes no lock. @default false */
  readonly asLoginUser?: boolean;
}

/** `node-config/run.py`, for stdin. */
export const runner = pythonOf("run.py");

/** The scripts that only look come first on a machine. */
const pythonIsThere =
  'command -v python3 >/dev/null || echo "command python3 is missing, with which kjerne runs scripts; apt-get install python3" >&2; ';

/**
 * A command line for any login shell. It becomes root, and reads what is left of stdin: where nothing could be started, no
 * sender meets a closed pipe before the reason.
 */
export function commandLine({ name, action, start, deadlineMinutes = 45, exclusive = true, ...user }: RunOptions) {
  const become = user.asLoginUser ? pythonIsThere : "$([ $(id -u) = 0 ] || echo sudo -n) ";
  const python = `python3 -Ic "${start.replaceAll('"', '\\"')}" $0 $* \${SSH_CLIENT%% *}`;
  const shell = `PATH=/usr/sbin:/usr/bin:/sbin:/bin; ${become}${python}; s=$?; cat >/dev/null; exit $s`;
  const lock = exclusive && !user.asLoginUser ? "exclusive" : "alongside";
  return `/bin/sh -c '${shell}' ${name} ${action} ${deadlineMinutes} ${lock}`;
}

/**
 * Python for `start`: the runner and the texts of the scripts are the first bytes of stdin, before the script's own input.
 * An error then names the script instead of quoting it.
 *
 * @param language of the scripts. @default "bash"
 */
export function startOf(texts: readonly string[], language: "bash" | "python" = "bash"): string {
  const read = [runner, ...texts].map((text) => `r(${Buffer.byteLength(text)})`);
  const interpreter = language === "python" ? [`interpreter=[sys.executable, "-I"]`] : [];
  const given = [...read.slice(1), "r()", ...interpreter].join(", ");
  return `import sys; r = sys.stdin.buffer.read; exec(${read[0]}); run(${given})`;
}
