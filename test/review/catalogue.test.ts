import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { published } from "../../commands/catalogue";

test("the catalogue and the evidence's schema say what the rules do now", async () => {
  for (const [file, text] of await published()) {
    const there = await readFile(join(__dirname, "../..", file), "utf8");
    assert.ok(there === text, `${file} is out of date; run make catalogue`);
  }
});
