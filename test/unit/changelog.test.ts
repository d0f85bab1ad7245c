import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

const read = (path: string) => readFileSync(join(__dirname, "../..", path), "utf8");
const headings = [...read("CHANGELOG.md").matchAll(/^## (.+)$/gm)].map(([, heading = ""]) => heading);
const [unreleased, ...released] = headings;
const versions = released.map((heading) => heading.split(" ")[0] as string);
const [newest, ...older] = versions;

test("CHANGELOG.md tells of what is unreleased first, then of each version with its day, newest first, back to 0.1.0", () => {
  assert.equal(unreleased, "Unreleased");
  for (const heading of released) assert.match(heading, /^\d+\.\d+\.\d+ - \d{4}-\d\d-\d\d$/);
  const byNumber = (one: string, other: string) => other.localeCompare(one, "en", { numeric: true });
  assert.deepEqual(versions, [...new Set(versions)].sort(byNumber));
  assert.equal(older.at(-1), "0.1.0");
});

test("the package, its lock and the example have the newest version of CHANGELOG.md", () => {
  const lock = JSON.parse(read("package-lock.json"));
  const example = JSON.parse(read("examples/own-program/package.json"));
  assert.deepEqual(
    [JSON.parse(read("package.json")).version, lock.version, lock.packages[""].version, example.dependencies.kjerne],
    [newest, newest, newest, `file:../../kjerne-${newest}.tgz`],
  );
});

test("each version but the first says what a cluster of the one before it sees, and what is to do by hand", () => {
  const sections = read("CHANGELOG.md").split(/^## /m).slice(2, -1);
  assert.deepEqual(
    sections.map((section) => [...section.matchAll(/^### (.+)$/gm)].map(([, heading]) => heading).slice(0, 2)),
    older.map((before) => [`What a cluster of ${before} sees`, "To do by hand"]),
  );
});
