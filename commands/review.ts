import { spawn } from "node:child_process";
import { once } from "node:events";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { withCommit } from "../review/change/checkout";
import { commitOf, git, snapshot, textAt } from "../review/change/git";
import { runCommand } from "./run-command";

const options = {
  /** Branch, tag or commit that the change is to be merged into. */
  base: { type: "string" },
  /** Branch, tag or commit to review. @default - the checkout as it is, changes included that are not committed yet */
  head: { type: "string" },
  /** @default - every stack that the change touches */
  stack: { type: "string" },
  output: { type: "string", default: "dist/review" },
} as const;

/** What the base needs to judge a change. */
const judge = "commands/judge.ts";

/**
 * `make review BASE=…`: has the base judge the change. It checks out the base with its own tools and libraries, and runs
 * the review from there: a branch can't choose what judges it.
 */
async function main(): Promise<void> {
  const { values } = parseArgs({ options });
  if (!values.base) throw new Error("name what the change starts from: make review BASE=origin/main");
  const repository = await git(process.cwd(), "rev-parse", "--show-toplevel");
  const base = await commitOf(repository, "BASE", values.base);
  const head =
    values.head === undefined
      ? await snapshot(repository, values.stack)
      : await commitOf(repository, "HEAD", values.head);
  const uncommitted = values.head === undefined && head !== (await git(repository, "rev-parse", "HEAD"));
  if ((await textAt(repository, base, judge)) === undefined) {
    throw new Error(`BASE=${values.base} can't judge a change, since it has no ${judge}; merge one that has it first`);
  }
  const named = { repository, base, head, output: resolve(repository, values.output), stack: values.stack };
  const flags = Object.entries(named).flatMap(([name, value]) => (value ? [`--${name}=${value}`] : []));
  await withCommit(repository, base, base, async ({ directory }) => {
    const args = ["--import", "tsx", join(directory, judge), ...flags, ...(uncommitted ? ["--uncommitted"] : [])];
    const child = spawn(process.execPath, args, { cwd: directory, stdio: "inherit" });
    // A terminal interrupts both; this one waits, to remove the checkout afterwards.
    process.on("SIGINT", () => {}).on("SIGTERM", () => child.kill("SIGTERM"));
    const [code] = (await once(child, "close")) as [number | null];
    process.exitCode = code ?? 2;
  });
}

runCommand(main, 2);
