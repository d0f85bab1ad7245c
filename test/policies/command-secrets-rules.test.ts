import assert from "node:assert/strict";
import { test } from "node:test";
import { commandSecrets, credentialOutput } from "../../policies/hardening/command-secrets";
import { find, outcome, states } from "./described";
import { command } from "./hardening-programs";
import { defaults } from "./hardening-rules";

const token = "abcdef.0123456789abcdef";
const carried: readonly [properties: object, state: string][] = [
  [{ create: `echo ${token}` }, "violated"],
  [{ update: `echo ${token}` }, "violated"],
  [{ delete: `echo ${token}` }, "violated"],
  [{ create: "login --token hunter22" }, "violated"],
  [{ create: "join --certificate-key=0123456789" }, "violated"],
  [{ create: "login --password 'hunter22'" }, "violated"],
  [{ create: "login --token $TOKEN" }, "shown"],
  [{ create: "login --password-file /run/password" }, "shown"],
  [{ create: "PASSWORD=$(cat /run/password) run" }, "shown"],
  [{ create: "curl -H eyJhbGciOiJIUzI1.eyJzdWIiOiIxMjM0.c2ln" }, "violated"],
  [{ create: "set -e\nAKIAIOSFODNN7EXAMPLE" }, "violated"],
  [{ create: `client-key-data: ${"A".repeat(20)}` }, "violated"],
  [{ triggers: [{ nested: [`Bearer ${"a".repeat(12)}`] }] }, "violated"],
  [{ triggers: [{ nested: ["nothing"] }] }, "shown"],
  [{ environment: { DB_PASSWORD: "" } }, "shown"],
  [{ environment: { DB_PASSWORD: null } }, "shown"],
];
for (const [properties, state] of carried) {
  test(`a command with ${JSON.stringify(properties)} ${outcome("SEC-03", state)}`, () => {
    assert.ok(states(find(commandSecrets, [command("c", properties)], defaults)).includes(state as "shown"));
    if (state === "shown")
      assert.deepEqual(states(find(commandSecrets, [command("c", properties)], defaults)), [state]);
  });
}

const printing: readonly [script: string, prints: boolean][] = [
  ["kubeadm init --config /x", true],
  ["echo phase one; kubeadm init", true],
  ["kubeadm init --skip-token-print", false],
  ["kubeadm init phase certs all", false],
  ["kubeadm token create --print-join-command", true],
  ["kubeadm token list", false],
  ["kubeadm certs certificate-key", true],
  ["kubeadm init phase upload-certs --upload-certs", true],
  ["kubeadm init phase upload-certs --upload-certs --skip-certificate-key-print", false],
  ["cat '/etc/kubernetes/super-admin.conf'", true],
  ["kubectl config view --raw", true],
  ["kubectl config view", false],
  ["kubeadm kubeconfig user --client-name a", true],
  ["# kubeadm init\n  # kubeadm init\ntrue", false],
  ["echo '#'; kubeadm init", true],
  ['{"script": "kubeadm init"}', false],
  ['[\n  "kubeadm init"\n]', false],
  ['true\n{"config": "# What kubeadm init reads"}', false],
  ["[[ -e /x ]] || kubeadm init", true],
];
for (const [stdin, prints] of printing) {
  test(`for SEC-04 ${JSON.stringify(stdin)} ${prints ? "prints" : "does not print"} a credential`, () => {
    assert.equal(find(credentialOutput, [command("c", { stdin })], defaults).length > 0, prints);
  });
}

test("SEC-04 names each option by which a printed credential would be kept", () => {
  const problems = (properties: object, additionalSecretOutputs: string[]) =>
    find(
      credentialOutput,
      [command("c", { stdin: "kubeadm init", ...properties }, { additionalSecretOutputs })],
      defaults,
    )
      .filter(({ state }) => state !== "shown")
      .map(({ field, read }) => `${field}: ${read}`);
  const outputs = ["stdout", "stderr"];
  assert.deepEqual(problems({ logging: "none", addPreviousOutputInEnv: false }, outputs), []);
  assert.deepEqual(problems({ logging: "none", addPreviousOutputInEnv: "false" }, outputs), []);
  assert.deepEqual(problems({ logging: "none" }, outputs), ["addPreviousOutputInEnv: not set"]);
  assert.deepEqual(problems({ logging: "none", addPreviousOutputInEnv: true }, outputs), [
    "addPreviousOutputInEnv: true",
  ]);
  assert.deepEqual(problems({ logging: "stdout", addPreviousOutputInEnv: false }, outputs), ["logging: stdout"]);
  const secret = (output: string) => [`options.additionalSecretOutputs (${output}): undefined`];
  assert.deepEqual(problems({ logging: "none", addPreviousOutputInEnv: false }, ["stderr"]), secret("stdout"));
  assert.deepEqual(problems({ logging: "none", addPreviousOutputInEnv: false }, ["stdout"]), secret("stderr"));
});
