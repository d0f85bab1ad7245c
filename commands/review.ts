import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { git } from "../review/change/checkout";
import type { Outcome, Violation } from "../review/change/events";
import { evidenceOfPreview } from "../review/change/evidence-of-preview";
import { markdown } from "../review/change/markdown";
import { blocks, review, type StackReview } from "../review/change/review";
import { inSandbox } from "../review/change/sandbox";
import { sarif } from "../review/change/sarif";
import { ensureEngine } from "../tools/engine/engine";
import { runCommand } from "./run-command";

const options = {
  /** Branch, tag or commit that the change starts from. */
  base: { type: "string" },
  /** @default - every stack that the change touches */
  stack: { type: "string" },
  output: { type: "string", default: "dist/review" },
} as const;

/**
 * `make review BASE=…`: writes review.md, review.sarif, review.json and evidence. Exit status 1: the change is blocked.
 */
async function main(): Promise<void> {
  const { values } = parseArgs({ options });
  if (!values.base) throw new Error("name what the change starts from: make review BASE=origin/main");
  const say = (line: string) => console.error(line);
  const repository = await git(process.cwd(), "rev-parse", "--show-toplevel");
  const { base, stack } = values;
  const output = join(repository, values.output);
  await rm(output, { recursive: true, force: true });
  const keep = (name: string, shown: Outcome) =>
    evidenceOfPreview(repository, name, shown, join(output, "evidence", name));
  const stopping = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => stopping.abort());
  const found = await inSandbox(await ensureEngine(() => {}), stopping.signal, (sandbox) =>
    review({ repository, base, stack, sandbox, keep, say }),
  );

  const lines = new Map<string, readonly string[]>();
  for (const { settings } of found.stacks)
    lines.set(settings, (await readIfThere(join(repository, settings))).split("\n"));
  const lineOf = ({ settings }: StackReview, violation: Violation) => lineAbout(lines.get(settings) ?? [], violation);

  const text = markdown(found);
  await mkdir(output, { recursive: true });
  await writeFile(join(output, "review.md"), text);
  await writeFile(join(output, "review.sarif"), `${JSON.stringify(sarif(found, lineOf), null, 2)}\n`);
  const data = { ...found, packs: found.packs.map(({ name, version }) => ({ name, version })) };
  await writeFile(join(output, "review.json"), `${JSON.stringify(data, null, 2)}\n`);
  console.log(text);
  if (blocks(found)) process.exitCode = 1;
}

/** The text of a file; empty without it, as for the settings of a stack that the change removes. */
async function readIfThere(file: string): Promise<string> {
  return readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return "";
    throw error;
  });
}

/** The first line that names the resource; else the first of the file, since a finding needs a place. */
function lineAbout(lines: readonly string[], { urn }: Violation): number {
  const name = urn.split("::").at(-1) ?? "";
  const line = lines.findIndex((text) => new RegExp(`\\bname: ${name.replace(/[^\w-]/g, ".")}\\b`).test(text));
  return Math.max(line, 0) + 1;
}

runCommand(main, 2);
