import assert from "node:assert/strict";
import { test } from "node:test";
import { encryptionAtRest } from "../../policies/hardening/encryption";
import { find, outcome, states, unknownValue } from "./described";
import { fileOf } from "./hardening-files";
import { command } from "./hardening-programs";
import { defaults } from "./hardening-rules";

const written = (resources: unknown) => command("key", { stdin: fileOf("EncryptionConfiguration", { resources }) });
const controlPlane = (encryptionAtRest?: unknown) => ({
  ...{ type: "kjerne:cluster:ControlPlane", name: "cp" },
  properties: encryptionAtRest === undefined ? {} : { encryptionAtRest },
});

const entry = (resources: unknown, ...providers: unknown[]) => ({ resources, providers });
const lists: readonly (readonly [what: string, resources: unknown, state: string])[] = [
  ...["secretbox", "aesgcm", "kms"].map(
    (name) => [`that writes with ${name}`, [entry(["secrets"], { [name]: {} }, { identity: {} })], "shown"] as const,
  ),
  ...["*.", "*.*"].map((wide) => [`that encrypts ${wide}`, [entry([wide], { secretbox: {} })], "shown"] as const),
  ["that encrypts secrets among others", [entry(["configmaps", "secrets"], { secretbox: {} })], "shown"],
  [
    "that encrypts secrets in its second entry",
    [entry(["configmaps"], { identity: {} }), entry(["secrets"], { kms: {} })],
    "shown",
  ],
  ["that writes with identity", [entry(["secrets"], { identity: {} }, { secretbox: {} })], "violated"],
  [
    "whose first entry writes secrets with identity",
    [entry(["*."], { identity: {} }), entry(["secrets"], { kms: {} })],
    "violated",
  ],
  ["that does not name secrets", [entry(["configmaps"], { secretbox: {} })], "violated"],
  ["without a provider", [entry(["secrets"])], "violated"],
  ["with an empty provider", [entry(["secrets"], {})], "violated"],
  ["with a provider of unreadable form", [entry(["secrets"], "secretbox")], "unverifiable"],
  ["whose resources are no list", "secrets", "unverifiable"],
];
for (const [what, resources, state] of lists) {
  test(`an EncryptionConfiguration ${what} ${outcome("SEC-06", state)}, in a file or a component`, () => {
    assert.deepEqual(states(find(encryptionAtRest, [written(resources)], defaults)), [state]);
    assert.deepEqual(states(find(encryptionAtRest, [controlPlane(resources)], defaults)), [state]);
  });
}

test("a ControlPlane component whose encryptionAtRest is unknown is unverifiable for SEC-06", () => {
  assert.deepEqual(states(find(encryptionAtRest, [controlPlane(unknownValue)], defaults)), ["unverifiable"]);
});

test("a ControlPlane component without encryptionAtRest needs an EncryptionConfiguration file for SEC-06", () => {
  const file = written([entry(["secrets"], { kms: {} })]);
  assert.deepEqual(states(find(encryptionAtRest, [controlPlane(), file], defaults)), ["shown"]);
  const cluster = command("cluster", { stdin: fileOf("ClusterConfiguration", {}) });
  for (const alone of [controlPlane(), cluster]) {
    const found = find(encryptionAtRest, [alone], defaults);
    assert.ok(found.some(({ reason }) => reason === "No EncryptionConfiguration was found in this program."));
  }
});
