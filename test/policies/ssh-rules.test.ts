import assert from "node:assert/strict";
import { test } from "node:test";
import { foreseenCommands, sshHostKey } from "../../policies/hardening/ssh";
import { find, states } from "./described";
import { command, hostKey } from "./hardening-programs";
import { defaults } from "./hardening-rules";
import { unknownValue } from "./packs";

const rsa = (...more: number[]) =>
  `ssh-rsa ${Buffer.concat([Buffer.from("\0\0\0\x07ssh-rsa"), Buffer.from(more)]).toString("base64")}`;
const both = { ...defaults, hostKeyAlgorithms: ["ssh-rsa", "ssh-ed25519"] };
const keys: readonly [what: string, key: unknown, parameters: typeof defaults, state: string][] = [
  ["an ed25519 key", hostKey, defaults, "shown"],
  ["an ed25519 key with a comment", `${hostKey} root@hv1`, defaults, "shown"],
  ["one of two algorithms", hostKey, both, "shown"],
  ["the other of two algorithms", rsa(0), both, "shown"],
  ["an algorithm that is not allowed", rsa(0), defaults, "violated"],
  ["nothing but the algorithm", rsa(), both, "violated"],
  ["another algorithm than the key's", hostKey.replace("ssh-ed25519", "ssh-rsa"), both, "violated"],
  ["another key than the algorithm's", rsa(0).replace("ssh-rsa", "ssh-ed25519"), both, "violated"],
  ["a key that is cut", hostKey.slice(0, -4), defaults, "violated"],
  ["a key that is not known", unknownValue, defaults, "unverifiable"],
];
for (const [what, key, parameters, state] of keys) {
  test(`a connection that pins ${what}: ${state}`, () => {
    for (const type of ["Command", "CopyToRemote", "CopyFile"]) {
      const remote = { ...command("c", { connection: { hostKey: key } }), type: `command:remote:${type}` };
      const found = find(sshHostKey, [remote], parameters).filter(({ field }) => field === "connection.hostKey");
      assert.deepEqual(states(found), [state], type);
    }
  });
}

test("a command on this machine connects to nobody", () => {
  const local = { type: "command:local:Command", name: "l", properties: { create: "true" } };
  assert.deepEqual(find(sshHostKey, [local], defaults), []);
});

test("each command line that is not known yet needs somebody who says it; what a component calls so is its own", () => {
  for (const field of ["create", "update", "delete"]) {
    const found = find(foreseenCommands, [command("c", { [field]: unknownValue })], defaults);
    assert.deepEqual(
      found.map((finding) => `${finding.field} ${finding.state}`),
      [`${field} unverifiable`],
    );
    const component = {
      type: "kjerne:a:B",
      name: "b",
      properties: { [field]: unknownValue, connection: unknownValue },
    };
    assert.deepEqual(find(foreseenCommands, [component], defaults), []);
  }
});
