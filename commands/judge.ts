import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { Violation } from "../review/change/events";
import { textAt } from "../review/change/git";
import { markdown } from "../review/change/markdown";
import { blocks, type Review, review, type StackReview } from "../review/change/review";
import { inSandbox } from "../review/change/sandbox";
import { sarif } from "../review/change/sarif";
import { writeEvidence } from "../review/evidence/write";
import { findPacks } from "../review/packs/packs";
import { ensureEngine } from "../tools/engine/engine";
import { runCommand } from "./run-command";

const options = {
  repository: { type: "string" },
  /** Commit that this checkout is of. */
  base: { type: "string" },
  /** Commit to review. */
  head: { type: "string" },
  /** Whether no branch has that commit, since it holds changes that are not committed yet. */
  uncommitted: { type: "boolean" },
  /** @default - every stack that the change touches */
  stack: { type: "string" },
  output: { type: "string" },
} as const;

/**
 * Judges a change with the packs and tools of this checkout, which `make review` made of the base. Writes review.md,
 * review.sarif, review.json and evidence. Exit status 1: the change is blocked.
 */
async function main(): Promise<void> {
  const { values } = parseArgs({ options });
  const { repository, base, head, stack, output, uncommitted } = values;
  if (!repository || !base || !head || !output) throw new Error("make review calls this: make review BASE=origin/main");
  const directory = join(__dirname, "..");
  const stopping = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => stopping.abort());
  await rm(output, { recursive: true, force: true });
  const judge = { commit: base, directory, modules: join(directory, "node_modules") };
  const packs = await findPacks(directory);
  const say = (line: string) => console.error(line);
  const found = await inSandbox(await ensureEngine(() => {}), stopping.signal, (sandbox) =>
    review({ repository, judge, packs, head, stack, sandbox, say }),
  );
  await write(
    output,
    { ...found, head: found.head + (uncommitted ? "+" : "") },
    await linesIn(repository, head, found),
  );
  if (uncommitted) return;
  for (const { stack: name, evidence } of found.stacks)
    if (evidence) await writeEvidence(join(output, "evidence", name), evidence.statement);
}

async function write(output: string, found: Review, lines: ReadonlyMap<string, readonly string[]>): Promise<void> {
  const lineOf = ({ settings }: StackReview, violation: Violation) => lineAbout(lines.get(settings) ?? [], violation);
  const text = markdown(found);
  await mkdir(output, { recursive: true });
  await writeFile(join(output, "review.md"), text);
  await writeFile(join(output, "review.sarif"), `${JSON.stringify(sarif(found, lineOf), null, 2)}\n`);
  const packs = found.packs.map(({ name, version }) => ({ name, version }));
  const stacks = found.stacks.map(({ evidence: _, ...stack }) => stack);
  await writeFile(join(output, "review.json"), `${JSON.stringify({ ...found, packs, stacks }, null, 2)}\n`);
  console.log(text);
  if (blocks(found)) process.exitCode = 1;
}

/** Lines of each stack's settings after the change; none for a stack that the change removes. */
async function linesIn(repository: string, head: string, { stacks }: Review): Promise<Map<string, readonly string[]>> {
  const texts = stacks.map(
    async ({ settings }) => [settings, ((await textAt(repository, head, settings)) ?? "").split("\n")] as const,
  );
  return new Map(await Promise.all(texts));
}

/** The first line that names the resource; else the first of the file, since a finding needs a place. */
function lineAbout(lines: readonly string[], { urn }: Violation): number {
  const name = urn.split("::").at(-1) ?? "";
  const line = lines.findIndex((text) => new RegExp(`\\bname: ${name.replace(/[^\w-]/g, ".")}\\b`).test(text));
  return Math.max(line, 0) + 1;
}

runCommand(main, 2);
