import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { after } from "node:test";

const root = join(__dirname, "../golden");
const rewriting = process.env.UPDATE_GOLDEN === "1";
/** Golden files that this run wrote or removed. */
const rewritten: string[] = [];

// A run that rewrites fails in the end, so that nobody takes a new golden file for a passed test.
after(() =>
  assert.deepEqual(rewritten, [], "these golden files were rewritten: review them with git diff and run again"),
);

/** Compares text with the file `test/golden/<name>`. With UPDATE_GOLDEN=1 the file is written instead: `make golden`. */
export function assertGolden(name: string, actual: string): void {
  const path = join(root, name);
  const expected = existsSync(path) ? readFileSync(path, "utf8") : "";
  if (actual === expected) return;
  if (rewriting) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, actual);
    rewritten.push(name);
    return;
  }
  assert.equal(actual, expected, `test/golden/${name} differs; make golden rewrites it where the change is wanted`);
}

/** Removes a golden file that nothing makes any more: with UPDATE_GOLDEN=1 alone. */
export function assertNotGolden(name: string): void {
  if (!rewriting)
    assert.fail(`nothing makes test/golden/${name} any more; make golden removes it where that is wanted`);
  rmSync(join(root, name));
  rewritten.push(name);
}
