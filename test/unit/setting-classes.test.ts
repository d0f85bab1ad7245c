import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { settingRows } from "../../stacks/classes";
import { pageFile, settingPaths, settingsPage } from "../../stacks/classes-page";

const paths = settingPaths();
const isBelow = (path: string, row: string) => path === row || path.startsWith(`${row}.`) || path.startsWith(`${row}[`);

test("each setting has one class, and no class is of a setting that is not there", () => {
  const rowsOf = (path: string) => settingRows.filter(([row]) => isBelow(path, row)).map(([row]) => row);
  const wrong = paths.filter((path) => rowsOf(path).length !== 1).map((path) => [path, rowsOf(path)]);
  assert.deepEqual(wrong, [], "add a row to stacks/classes.ts, or take one out");
  const unused = settingRows.filter(([row]) => !paths.some((path) => isBelow(path, row)));
  assert.deepEqual(unused, []);
  assert.ok(paths.length > 100, `${paths.length} settings`);
});

test("docs/settings.md is as the table gives it", () => {
  const message = "write it anew: node --import tsx stacks/classes-page.ts";
  assert.ok(readFileSync(pageFile, "utf8") === settingsPage(), message);
});
