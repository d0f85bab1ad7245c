import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { atAdmission } from "../../policies/admission/list";
import { packs } from "../../policies/all";
import { admissionFiles, admissionFolder } from "../../review/packs/admission-files";

const { network, hardening } = packs as Required<typeof packs>;
const rules = [...(network?.rules ?? []), ...(hardening?.rules ?? [])];

test("each rule of the packs network and hardening is judged at admission, or the list says why not", () => {
  assert.deepEqual(Object.keys(atAdmission).sort(), rules.map(({ id }) => id).sort());
  for (const [id, how] of Object.entries(atAdmission))
    if (typeof how === "string") assert.match(how, /^[A-Z].{30,}\.$/, id);
});

test("there is a file for each rule that is judged at admission, and no other", async () => {
  const made = [...admissionFiles(Object.values(packs)).keys()].map((path) => path.split("/").at(-1));
  assert.deepEqual((await readdir(join(__dirname, "../..", admissionFolder))).sort(), made.sort());
});
