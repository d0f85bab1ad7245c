import assert from "node:assert/strict";
import { test } from "node:test";
import { encryptionAtRest } from "../../policies/hardening/encryption";
import { find, states } from "./described";
import { fileOf } from "./hardening-files";
import { command } from "./hardening-programs";
import { defaults } from "./hardening-rules";
import { unknownValue } from "./packs";

const written = (resources: unknown) => command("key", { stdin: fileOf("EncryptionConfiguration", { resources }) });
const controlPlane = (encryptionAtRest?: unknown) => ({
  ...{ type: "kjerne:cluster:ControlPlane", name: "cp" },
  properties: encryptionAtRest === undefined ? {} : { encryptionAtRest },
});

const entry = (resources: unknown, ...providers: unknown[]) => ({ resources, providers });
const lists: readonly (readonly [what: string, resources: unknown, state: string])[] = [
  ...["secretbox", "aesgcm", "kms"].map(
    (name) => [`${name} first`, [entry(["secrets"], { [name]: {} }, { identity: {} })], "shown"] as const,
  ),
  ...["*.", "*.*"].map((wide) => [`${wide} encrypted`, [entry([wide], { secretbox: {} })], "shown"] as const),
  ["secrets among others", [entry(["configmaps", "secrets"], { secretbox: {} })], "shown"],
  ["secrets in the second entry", [entry(["configmaps"], { identity: {} }), entry(["secrets"], { kms: {} })], "shown"],
  ["plain text first", [entry(["secrets"], { identity: {} }, { secretbox: {} })], "violated"],
  ["plain text in the first entry", [entry(["*."], { identity: {} }), entry(["secrets"], { kms: {} })], "violated"],
  ["nothing about secrets", [entry(["configmaps"], { secretbox: {} })], "violated"],
  ["no provider", [entry(["secrets"])], "violated"],
  ["a provider that says nothing", [entry(["secrets"], {})], "violated"],
  ["a provider that is not understood", [entry(["secrets"], "secretbox")], "unverifiable"],
  ["a list that is none", "secrets", "unverifiable"],
];
for (const [what, resources, state] of lists) {
  test(`encryption with ${what}: ${state}, in a file and said by a component`, () => {
    assert.deepEqual(states(find(encryptionAtRest, [written(resources)], defaults)), [state]);
    assert.deepEqual(states(find(encryptionAtRest, [controlPlane(resources)], defaults)), [state]);
  });
}

test("what a component does not know yet can't be shown to be encrypted", () => {
  assert.deepEqual(states(find(encryptionAtRest, [controlPlane(unknownValue)], defaults)), ["unverifiable"]);
});

test("a control plane that says nothing goes by the file, and needs one", () => {
  const file = written([entry(["secrets"], { kms: {} })]);
  assert.deepEqual(states(find(encryptionAtRest, [controlPlane(), file], defaults)), ["shown"]);
  const cluster = command("cluster", { stdin: fileOf("ClusterConfiguration", {}) });
  for (const alone of [controlPlane(), cluster]) {
    const found = find(encryptionAtRest, [alone], defaults);
    assert.ok(found.some(({ reason }) => reason === "No EncryptionConfiguration was found in this program."));
  }
});
