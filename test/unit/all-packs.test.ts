import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { packs } from "../../policies/all";

const policies = join(__dirname, "../../policies");

test("every folder with a policy pack is listed in policies/all.ts, and so judges", async () => {
  const entries = await readdir(policies);
  const folders = entries.filter((name) => existsSync(join(policies, name, "PulumiPolicy.yaml")));
  assert.deepEqual(Object.keys(packs).sort(), folders.sort());
});
