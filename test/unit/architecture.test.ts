import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { test } from "node:test";
import { preProcessFile } from "typescript";

const root = join(__dirname, "../..");

/** Folder → the folders of this repository that it may import; `kjerne` is the package. Imports point one way. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  "node-config": [],
  components: ["node-config"],
  policies: [],
  stacks: ["components", "node-config"],
  examples: ["kjerne"],
};
const folders = [...Object.keys(allowed), "tools/engine", "tools/lab", "tools/supply", "test"];

for (const [folder, others] of Object.entries(allowed)) {
  test(`${folder} imports nothing of this repository but ${others.join(" and ") || "itself"}`, () => {
    const wrong = importsOf(folder).filter(({ to }) => to && ![folder, ...others].includes(to));
    assert.deepEqual(wrong, []);
  });
}

test("what nodes get is decided without Pulumi", () => {
  const packages = importsOf("node-config").filter(({ specifier }) => specifier.startsWith("@pulumi"));
  assert.deepEqual(packages, []);
});

test("no file imports itself by way of others", () => {
  const imported = new Map<string, string[]>();
  for (const { from, file } of folders.flatMap(importsOf)) {
    imported.set(from, [...(imported.get(from) ?? []), ...(file ? [file] : [])]);
  }
  const seen = new Set<string>();
  const circles: string[] = [];
  const follow = (file: string, way: readonly string[]) => {
    if (way.includes(file)) circles.push([...way.slice(way.indexOf(file)), file].join(" -> "));
    if (seen.has(file)) return;
    seen.add(file);
    for (const next of imported.get(file) ?? []) follow(next, [...way, file]);
  };
  for (const file of imported.keys()) follow(file, []);
  assert.deepEqual(circles, []);
});

interface Import {
  /** The file that imports. */
  readonly from: string;
  /** As it is written. */
  readonly specifier: string;
  /** Folder of this repository that it reaches; absent for other packages. */
  readonly to?: string;
  /** The TypeScript file that it reaches, if it is one of this repository. */
  readonly file?: string;
}

/** Every import, export, `import()` and `require()` of a folder's TypeScript. */
function importsOf(folder: string): Import[] {
  const files = readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)));
  return files.flatMap((from) => {
    const { importedFiles } = preProcessFile(readFileSync(join(root, from), "utf8"), true, true);
    return importedFiles.map(({ fileName }) => ({ from, specifier: fileName, ...reached(from, fileName) }));
  });
}

function reached(from: string, specifier: string): Pick<Import, "to" | "file"> {
  if (/^kjerne(\/|$)/.test(specifier)) return { to: "kjerne" };
  if (!specifier.startsWith(".")) return {};
  const path = join(dirname(from), specifier);
  const file = [`${path}.ts`, `${path}/index.ts`].find((candidate) => existsSync(join(root, candidate)));
  return { to: path.split("/")[0], file };
}
