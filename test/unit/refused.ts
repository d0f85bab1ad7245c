import assert from "node:assert/strict";
import { test } from "node:test";
import { type Config, problems } from "./environments";

/** Path of a key in the settings of oslo, a wrong value for it, and what the only message about it must say. */
export type Wrong = readonly [path: string, value: unknown, message: RegExp];

/** Sets the value at `a.b[0].c`. */
export function set(config: Config, path: string, value: unknown): void {
  const steps = path.split(/[.[\]]+/).filter((step) => step !== "");
  const last = steps.pop() as string;
  const place = steps.reduce((at, step) => {
    at[step] ??= {};
    return at[step];
  }, config);
  place[last] = value;
}

/** A test for each line: the value is refused, by these words, which repeat path and value. */
export function refused(lines: readonly Wrong[]): void {
  for (const [path, value, message] of lines) {
    test(`${path}: ${JSON.stringify(value)} is refused`, async () => {
      const found = await problems((config) => set(config, path, value));
      assert.match(found.join("\n"), message);
      // A way out follows the rule.
      assert.ok(found.length <= 3, found.join("\n"));
    });
  }
}

/** A test for each line: nothing is wrong with the value. */
export function accepted(lines: readonly (readonly [path: string, value: unknown])[]): void {
  for (const [path, value] of lines) {
    test(`${path}: ${JSON.stringify(value)} is taken`, async () => {
      assert.deepEqual(await problems((config) => set(config, path, value)), []);
    });
  }
}
