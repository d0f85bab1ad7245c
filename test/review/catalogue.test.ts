import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { published } from "../../commands/catalogue";
import { packs } from "../../policies/all";

test("docs/rules.md and docs/evidence.schema.json are up to date with the code", async () => {
  for (const [file, text] of await published()) {
    const there = await readFile(join(__dirname, "../..", file), "utf8");
    assert.ok(there === text, `${file} is out of date; run make catalogue`);
  }
});

test("each pack says the version of kjerne that it came with, in its findings and in the evidence", async () => {
  const repository = join(__dirname, "../..");
  const versionIn = async (file: string) => JSON.parse(await readFile(join(repository, file), "utf8")).version;
  const ours = await versionIn("package.json");
  for (const folder of ["kjerne", ...Object.keys(packs)])
    assert.equal(await versionIn(`policies/${folder}/package.json`), ours, folder);
});
