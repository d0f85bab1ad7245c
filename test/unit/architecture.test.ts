import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { circles, imports, roomOf, root, topFolders } from "./imports";

/**
 * Folder → what of this repository its files may import, besides each other: folders, or files without `.ts`; `kjerne` is
 * the package. The picture in docs/architecture.md shows the same. No entry for `test`: it imports whatever it tests.
 */
const allowed: Readonly<Record<string, readonly string[]>> = {
  "node-config": [],
  components: ["node-config"],
  stacks: ["components", "node-config"],
  policies: [],
  tools: ["node-config", "components/machine/shell"],
  review: ["policies", "tools", "components/measure", "components/verify"],
  commands: [
    "review",
    "tools",
    "components/machine/shell",
    "components/measure",
    "components/verify",
    "node-config",
    "stacks",
  ],
  examples: ["kjerne"],
  bench: ["review", "tools", "test", "components/measure", "node-config"],
};
/** Folders with a README.md that says what belongs into each folder below them. */
const described = ["node-config", "components", "review", "tools"];

const isBelow = (file: string, place: string) => file === `${place}.ts` || file.startsWith(`${place}/`);
const inside = (place: string) => imports.filter(({ from }) => isBelow(from, place));

test("each folder that holds TypeScript says what it may import", () => {
  assert.deepEqual(topFolders.filter((folder) => folder !== "test").sort(), Object.keys(allowed).sort());
});

for (const [folder, others] of Object.entries(allowed)) {
  test(`${folder} imports nothing of this repository but ${others.join(", ") || "itself"}, and all of these`, () => {
    const reached = inside(folder).flatMap(({ from, to }) => (to && !isBelow(to, folder) ? [{ from, to }] : []));
    const mayBe = (to: string, place: string) => to === place || isBelow(to, place);
    assert.deepEqual(
      reached.filter(({ to }) => !others.some((place) => mayBe(to, place))),
      [],
    );
    assert.deepEqual(
      others.filter((place) => !reached.some(({ to }) => mayBe(to, place))),
      [],
      "nothing imports these: take them out of the list",
    );
  });
}

test("nothing but tests and benchmarks imports tests", () => {
  const wrong = imports.filter(({ from, to }) => to?.startsWith("test/") && !/^(test|bench)\//.test(from));
  assert.deepEqual(wrong, []);
});

test("what nodes get is decided without Pulumi", () => {
  const packages = inside("node-config").filter(({ specifier }) => specifier.startsWith("@pulumi"));
  assert.deepEqual(packages, []);
});

test("no file imports itself by way of others", () => {
  assert.deepEqual(circles(graph(imports, (file) => file)), []);
});

test("no folder imports itself by way of others, neither at the top nor one level below", () => {
  // A file right in a top folder belongs to no folder below it.
  const below = imports.filter(({ from, to }) => roomOf(from).includes("/") && to && roomOf(to).includes("/"));
  assert.deepEqual(circles(graph(below, roomOf)), []);
  assert.deepEqual(circles(graph(imports, (file) => file.split("/")[0] as string)), []);
});

for (const folder of described) {
  test(`${folder}/README.md has a sentence about each folder below it, which imports none but those above it`, () => {
    const text = readFileSync(join(root, folder, "README.md"), "utf8");
    const listed = [...text.matchAll(/^- `([\w-]+)\/`: \S.{20,}/gm)].map(([, name]) => name as string);
    const there = readdirSync(join(root, folder), { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && entry.name !== "node_modules")
      .map(({ name }) => name);
    assert.deepEqual([...listed].sort(), there.sort());
    for (const [at, name] of listed.entries()) {
      const below = listed.slice(at + 1).map((other) => `${folder}/${other}`);
      const wrong = inside(`${folder}/${name}`).filter(({ to }) => below.some((place) => to && isBelow(to, place)));
      assert.deepEqual(wrong, [], `${name}/ imports a folder that stands below it in ${folder}/README.md`);
    }
  });
}

test("docs/architecture.md draws these imports and no others, and has a paragraph about each folder", () => {
  const text = readFileSync(join(root, "docs/architecture.md"), "utf8");
  // `a --> b` for a whole folder, `a -- "c" --> b` for its part `b/c`.
  const drawn = [...text.matchAll(/^ {2}([\w-]+) (?:-- "(.+)" )?--> ([\w-]+)$/gm)].map(
    ([, from, part, to]) => `${from} -> ${[to, part].filter(Boolean).join("/")}`,
  );
  const arrows = Object.entries(allowed).flatMap(([from, others]) => others.map((to) => `${from} -> ${to}`));
  assert.deepEqual(drawn.sort(), arrows.sort());
  for (const folder of topFolders) assert.match(text, new RegExp(`^\\*\\*\`${folder}/\`\\*\\* `, "m"));
});

/** Who imports whom, files taken together by `name`. */
function graph(all: typeof imports, name: (file: string) => string): Map<string, Set<string>> {
  const edges = new Map<string, Set<string>>();
  for (const { from, to } of all) {
    if (!to || to === "kjerne" || name(from) === name(to)) continue;
    edges.set(name(from), (edges.get(name(from)) ?? new Set()).add(name(to)));
  }
  return edges;
}
