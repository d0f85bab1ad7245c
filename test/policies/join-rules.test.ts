import assert from "node:assert/strict";
import { test } from "node:test";
import { joinCredentials } from "../../policies/hardening/kubeadm";
import { find, states } from "./described";
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
  test(`a token for ${ttl}: ${state}`, () => {
    const carried = command("init", { stdin: fileOf("InitConfiguration", { bootstrapTokens: [{ ttl }] }) });
    assert.deepEqual(states(find(joinCredentials, [carried], defaults)), [state]);
  });
}

test("a token in a file that can't be parsed can't be shown to end", () => {
  assert.deepEqual(states(find(joinCredentials, [command("c", { stdin: init("a: [") })], defaults)), ["unverifiable"]);
});

const hash = `sha256:${"0".repeat(64)}`;
const joins: readonly [what: string, discovery: object, pinned: string | undefined, checked: string | undefined][] = [
  ["the CA's hash", { bootstrapToken: { caCertHashes: [hash] } }, "shown", "shown"],
  ["several hashes", { bootstrapToken: { caCertHashes: ["md5:0", hash] } }, "shown", "shown"],
  ["another hash", { bootstrapToken: { caCertHashes: ["md5:0"] } }, "violated", "shown"],
  ["a hash with something before it", { bootstrapToken: { caCertHashes: [`x${hash}`] } }, "violated", "shown"],
  ["a hash with something behind it", { bootstrapToken: { caCertHashes: [`${hash}0`] } }, "violated", "shown"],
  ["hashes that are no list", { bootstrapToken: { caCertHashes: hash } }, "unverifiable", "shown"],
  ["a token that is none", { bootstrapToken: "a.b" }, "unverifiable", "unverifiable"],
  ["no token and no file", {}, "violated", "shown"],
  ["a file that says whom to trust", { file: { kubeConfigPath: "/x" } }, undefined, undefined],
  [
    "the check left out",
    { bootstrapToken: { caCertHashes: [hash], unsafeSkipCAVerification: true } },
    "shown",
    "violated",
  ],
  ["the check kept", { bootstrapToken: { caCertHashes: [hash], unsafeSkipCAVerification: false } }, "shown", "shown"],
];
for (const [what, discovery, pinned, checked] of joins) {
  test(`joining with ${what}`, () => {
    const join = command("join", { stdin: fileOf("JoinConfiguration", { discovery }) });
    const found = find(joinCredentials, [join], defaults);
    const state = (part: string) => found.find(({ field }) => field.endsWith(part))?.state;
    assert.deepEqual([state(".caCertHashes"), state(".unsafeSkipCAVerification")], [pinned, checked]);
  });
}
