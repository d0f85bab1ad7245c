import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { build } from "esbuild";
import { z } from "zod";
import type { Rule } from "../../policies/rule";
import type { Side } from "./checkout";
import { runConfined } from "./confinement";
import type { Sandbox } from "./sandbox";

const listed = z.array(
  z.object({ id: z.string(), name: z.string(), title: z.string(), severity: z.string(), scope: z.string() }),
);
export type ListedRule = Pick<Rule, "id" | "name" | "title"> & { readonly severity: string; readonly scope: string };

/** Prints what the packs of a checkout list. It runs code of the branch, so it is confined as a program is. */
const lister = `const { packs } = require(process.argv[2]);
const rules = Object.values(packs).flatMap(({ rules }) => rules);
const pick = ({ id, name, title, severity, scope }) => ({ id, name, title, severity, scope });
require("node:fs").writeSync(1, "\\n" + JSON.stringify(rules.map(pick)));
`;

/** The rules that the branch's packs list, as the branch itself says. @throws Error if it can't say */
export async function rulesOfBranch(sandbox: Sandbox, { directory, modules }: Side): Promise<readonly ListedRule[]> {
  const script = join(sandbox.shown, "list-rules.cjs");
  await writeFile(script, lister);
  const args = ["--require", join(modules, "tsx/dist/cjs/index.cjs"), script, join(directory, "policies/all.ts")];
  const doors = { read: [directory, modules, sandbox.shown], scratch: sandbox.scratch };
  const printed = await runConfined([process.execPath, ...args], doors, sandbox);
  return listed.parse(JSON.parse(printed.split("\n").at(-1) ?? ""));
}

/**
 * The files that each rule of a checkout is made of, by the rule's id: the one where it is written and all that this one
 * uses. They are read as text; nothing of them runs.
 */
export async function filesOfRules({ directory }: Pick<Side, "directory">): Promise<Map<string, ReadonlySet<string>>> {
  const names = (await readdir(join(directory, "policies"), { recursive: true })).filter((name) =>
    name.endsWith(".ts"),
  );
  const files = names.map((name) => `policies/${name}`);
  const uses = await importsAmong(directory, files);
  const found = new Map<string, ReadonlySet<string>>();
  for (const file of files) {
    const text = await readFile(join(directory, file), "utf8");
    for (const [, id] of text.matchAll(/\bid:\s*"([A-Z]+-\d+)"/g)) found.set(id as string, reached(uses, file));
  }
  return found;
}

/** File → files that it imports, as paths in the repository. */
async function importsAmong(directory: string, files: readonly string[]): Promise<Map<string, string[]>> {
  const { metafile } = await build({
    entryPoints: files.map((file) => join(directory, file)),
    absWorkingDir: directory,
    outdir: "nowhere",
    bundle: true,
    write: false,
    metafile: true,
    platform: "node",
    packages: "external",
    logLevel: "silent",
  });
  const inside = ([file, { imports }]: [string, { imports: { path: string; external?: boolean }[] }]) =>
    [file, imports.filter(({ external }) => !external).map(({ path }) => path)] as const;
  return new Map(
    Object.entries(metafile.inputs)
      .map(inside)
      .map(([file, paths]) => [file, [...paths]]),
  );
}

function reached(uses: ReadonlyMap<string, readonly string[]>, from: string, seen = new Set<string>()): Set<string> {
  if (seen.has(from)) return seen;
  seen.add(from);
  for (const file of uses.get(from) ?? []) reached(uses, file, seen);
  return seen;
}
