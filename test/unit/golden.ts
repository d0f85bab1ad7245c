import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/**
 * Compares text with the file `test/golden/<name>`. With UPDATE_GOLDEN=1 the file is written instead and the test fails,
 * so that nobody takes a new golden for a passed test: look at the difference, then run again.
 */
export function assertGolden(name: string, actual: string): void {
  const path = join(__dirname, "../golden", name);
  const expected = existsSync(path) ? readFileSync(path, "utf8") : "";
  if (actual === expected) return;
  if (process.env.UPDATE_GOLDEN === "1") {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, actual);
    assert.fail(`test/golden/${name} was rewritten: review it with git diff and run again`);
  }
  assert.equal(actual, expected, `test/golden/${name} differs; UPDATE_GOLDEN=1 rewrites it where the change is wanted`);
}
