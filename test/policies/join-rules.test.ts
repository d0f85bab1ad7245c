import assert from "node:assert/strict";
import { test } from "node:test";
import { joinCredentials } from "../../policies/hardening/kubeadm";
import { find, outcome, states } from "./described";
import { fileOf, init } from "./hardening-files";
import { command } from "./hardening-programs";
import { defaults } from "./hardening-rules";

for (const [ttl, state] of [
  ["1h0m0s", "shown"],
  ["1h0m1s", "violated"],
  ["0s", "violated"],
  ["60", "violated"],
  ["x1m", "violated"],
  ["1mx", "violated"],
] as const) {
  test(`a bootstrap token with ttl ${ttl} ${outcome("SEC-05", state)}`, () => {
    const carried = command("init", { stdin: fileOf("InitConfiguration", { bootstrapTokens: [{ ttl }] }) });
    assert.deepEqual(states(find(joinCredentials, [carried], defaults)), [state]);
  });
}

test("an InitConfiguration that can't be parsed is unverifiable for SEC-05", () => {
  assert.deepEqual(states(find(joinCredentials, [command("c", { stdin: init("a: [") })], defaults)), ["unverifiable"]);
});

const hash = `sha256:${"0".repeat(64)}`;
const joins: readonly [what: string, discovery: object, pinned: string | undefined, checked: string | undefined][] = [
  ["a hash of the CA", { bootstrapToken: { caCertHashes: [hash] } }, "shown", "shown"],
  ["two hashes, one of them of the CA", { bootstrapToken: { caCertHashes: ["md5:0", hash] } }, "shown", "shown"],
  ["a hash of another kind", { bootstrapToken: { caCertHashes: ["md5:0"] } }, "violated", "shown"],
  ["text before the hash", { bootstrapToken: { caCertHashes: [`x${hash}`] } }, "violated", "shown"],
  ["text after the hash", { bootstrapToken: { caCertHashes: [`${hash}0`] } }, "violated", "shown"],
  ["hashes that are no list", { bootstrapToken: { caCertHashes: hash } }, "unverifiable", "shown"],
  ["a bootstrapToken that is no object", { bootstrapToken: "a.b" }, "unverifiable", "unverifiable"],
  ["neither bootstrapToken nor file", {}, "violated", "shown"],
  ["a discovery file", { file: { kubeConfigPath: "/x" } }, undefined, undefined],
  [
    "unsafeSkipCAVerification",
    { bootstrapToken: { caCertHashes: [hash], unsafeSkipCAVerification: true } },
    "shown",
    "violated",
  ],
  [
    "unsafeSkipCAVerification set to false",
    { bootstrapToken: { caCertHashes: [hash], unsafeSkipCAVerification: false } },
    "shown",
    "shown",
  ],
];
for (const [what, discovery, pinned, checked] of joins) {
  test(`a JoinConfiguration with ${what}: caCertHashes ${pinned ?? "not judged"}, CA verification ${checked ?? "not judged"}`, () => {
    const join = command("join", { stdin: fileOf("JoinConfiguration", { discovery }) });
    const found = find(joinCredentials, [join], defaults);
    const state = (part: string) => found.find(({ field }) => field.endsWith(part))?.state;
    assert.deepEqual([state(".caCertHashes"), state(".unsafeSkipCAVerification")], [pinned, checked]);
  });
}
