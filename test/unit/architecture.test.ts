import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { test } from "node:test";

const root = join(__dirname, "../..");

/** Folder → the folders of this repository that it may import. Imports point one way. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  "node-config": [],
  components: ["node-config"],
  policies: [],
  stacks: ["components", "node-config"],
  examples: [],
};

for (const [folder, others] of Object.entries(allowed)) {
  test(`${folder} imports nothing of this repository but ${others.join(" and ") || "itself"}`, () => {
    const wrong = importsOf(folder).filter(({ to }) => ![folder, ...others].includes(to));
    assert.deepEqual(wrong, []);
  });
}

test("what nodes get is decided without Pulumi", () => {
  const packages = importsOf("node-config").filter(({ to }) => to.startsWith("@pulumi"));
  assert.deepEqual(packages, []);
});

test("no production code imports tools or tests", () => {
  const wrong = Object.keys(allowed)
    .flatMap(importsOf)
    .filter(({ to }) => ["tools", "test"].includes(to));
  assert.deepEqual(wrong, []);
});

/** Every import of a folder's TypeScript: relative ones by the top-level folder they reach, others by package name. */
function importsOf(folder: string): { from: string; to: string }[] {
  const files = readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
    .map((entry) => join(entry.parentPath, entry.name));
  return files.flatMap((file) =>
    [...readFileSync(file, "utf8").matchAll(/^(?:import|export)[^;]*? from "([^"]+)";/gm)]
      .map((match) => match[1] as string)
      .filter((specifier) => folder === "node-config" || specifier.startsWith("."))
      .filter((specifier) => specifier.startsWith(".") || specifier.startsWith("@pulumi"))
      .map((specifier) => ({
        from: relative(root, file),
        to: specifier.startsWith(".")
          ? (relative(root, join(file, "..", specifier)).split("/")[0] as string)
          : specifier,
      })),
  );
}
