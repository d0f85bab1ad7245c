import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { published } from "../../commands/catalogue";

test("docs/rules.md and docs/evidence.schema.json are up to date with the code", async () => {
  for (const [file, text] of await published()) {
    const there = await readFile(join(__dirname, "../..", file), "utf8");
    assert.ok(there === text, `${file} is out of date; run make catalogue`);
  }
});
