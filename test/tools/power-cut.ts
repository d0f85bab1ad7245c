import assert from "node:assert/strict";

/**
 * What bash reads before a script (BASH_ENV): the script is killed with its children before one of those of its commands
 * that match the pattern CUT_BEFORE, in functions and subshells too: before the first that CUT_LOG does not list, or with
 * CUT_AT before the one that this number counts to. Programs that it starts are not looked into.
 */
export const trap = `
unset BASH_ENV
set -T
trap '
  if [[ $BASH_COMMAND == @($CUT_BEFORE) ]]; then
    cut_command=\${BASH_COMMAND//[[:space:]]/ }
    mapfile -d "" cut_log <"$CUT_LOG"
    if [[ -n $CUT_AT || \${cut_log-} != *"|$cut_command|"* ]]; then
      echo "|$cut_command|" >>"$CUT_LOG"
      mapfile -t cut_log <"$CUT_LOG"
      if [[ -z $CUT_AT ]] || ((\${#cut_log[@]} >= CUT_AT)); then kill -KILL 0; fi
    fi
  fi' DEBUG
`;

/**
 * Words before `bash`; the trap is a file on the machine, and so is the log, to be empty at first. Bash as the outermost
 * shell would take the pipe to Node.js for a network connection, and read ~/.bashrc instead of the trap.
 */
export const cutting = (trap: string, log: string, before = "*", at?: number) => [
  ...[
    "setsid",
    "--wait",
    "env",
    "SHLVL=1",
    `BASH_ENV=${trap}`,
    `CUT_LOG=${log}`,
    `CUT_BEFORE=${before}`,
    `CUT_AT=${at ?? ""}`,
  ],
];

/** Commands that change something: a cut between two of them finds what a cut before the second does. */
export const changing = [
  ...["cp", "mv", "rm", "rmdir", "mkdir", "install", "chmod", "truncate", "resize2fs", "mkfs", "ssh-keygen", "xorriso"],
  ...["define", "undefine", "autostart", "start", "destroy"].flatMap((verb) => [`virsh ${verb}`, `virsh pool-${verb}`]),
]
  .map((word) => `${word}*`)
  .join("|");

export interface Cut {
  /** Runs the script whole, or killed: see `cutting`. */
  run(cut: boolean, at?: number): Promise<unknown>;
  /** The commands so far, the last of which was not run. */
  log(): Promise<string>;
  /** What there is, without what differs from run to run. */
  seen(): Promise<string>;
  /** Brings the machine back to what it was at first, with an empty log. */
  reset(): Promise<unknown>;
}

/**
 * Kills a script before each of its commands, and runs it again from the same state each time.
 *
 * @returns the number of cuts
 */
export async function cutEverywhere(script: Cut): Promise<number> {
  const whole = await wholeRun(script);
  for (let at = 1; ; at++) {
    await script.reset();
    if (!(await isCut(script, at, at))) return at - 1;
    const command = lastOf(await script.log());
    await assert.doesNotReject(script.run(false), `after a cut before ${command}`);
    assert.equal(await script.seen(), whole, `after a cut before ${command}`);
  }
}

/**
 * For a script that takes long: kills it before each of its commands in turn, each time it goes on with what is left, and
 * the last run ends.
 *
 * @returns the number of cuts
 */
export async function cutInTurn(script: Cut): Promise<number> {
  const whole = await wholeRun(script);
  await script.reset();
  let cuts = 0;
  while (await isCut(script, cuts + 1)) cuts++;
  assert.equal(await script.seen(), whole, await script.log());
  return cuts;
}

async function wholeRun({ reset, run, seen }: Cut): Promise<string> {
  await reset();
  await run(false);
  return seen();
}

/** Whether it was killed before that many commands; an error where it failed by itself. */
async function isCut({ run, log }: Cut, count: number, at?: number): Promise<boolean> {
  let failure: unknown;
  try {
    await run(true, at);
    return false;
  } catch (error) {
    failure = error;
  }
  const commands = (await log()).trim().split("\n");
  if (commands.length !== count) throw new Error(`failed after a cut before ${commands.at(-1)}`, { cause: failure });
  return true;
}

const lastOf = (log: string) => log.trim().split("\n").at(-1);
