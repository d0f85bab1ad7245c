import assert from "node:assert/strict";
import { test } from "node:test";
import { foreseenCommands, sshHostKey } from "../../policies/hardening/ssh";
import { find, outcome, states, unknownValue } from "./described";
import { command, hostKey } from "./hardening-programs";
import { defaults } from "./hardening-rules";

const rsa = (...more: number[]) =>
  `ssh-rsa ${Buffer.concat([Buffer.from("\0\0\0\x07ssh-rsa"), Buffer.from(more)]).toString("base64")}`;
const both = { ...defaults, hostKeyAlgorithms: ["ssh-rsa", "ssh-ed25519"] };
const keys: readonly [what: string, key: unknown, parameters: typeof defaults, state: string][] = [
  ["that pins an ed25519 key", hostKey, defaults, "shown"],
  ["that pins an ed25519 key with a comment", `${hostKey} root@hv1`, defaults, "shown"],
  ["that pins a key of the second of two allowed algorithms", hostKey, both, "shown"],
  ["that pins a key of the first of two allowed algorithms", rsa(0), both, "shown"],
  ["that pins a key of an algorithm that is not allowed", rsa(0), defaults, "violated"],
  ["that pins the name of an algorithm without a key", rsa(), both, "violated"],
  ["that pins an ed25519 key under the name ssh-rsa", hostKey.replace("ssh-ed25519", "ssh-rsa"), both, "violated"],
  ["that pins an RSA key under the name ssh-ed25519", rsa(0).replace("ssh-rsa", "ssh-ed25519"), both, "violated"],
  ["that pins a truncated key", hostKey.slice(0, -4), defaults, "violated"],
  ["whose host key is unknown", unknownValue, defaults, "unverifiable"],
];
for (const [what, key, parameters, state] of keys) {
  test(`a connection ${what} ${outcome("SEC-01", state)}`, () => {
    for (const type of ["Command", "CopyToRemote", "CopyFile"]) {
      const remote = { ...command("c", { connection: { hostKey: key } }), type: `command:remote:${type}` };
      const found = find(sshHostKey, [remote], parameters).filter(({ field }) => field === "connection.hostKey");
      assert.deepEqual(states(found), [state], type);
    }
  });
}

test("SEC-01 judges whom a look for drift asks: the machine, and the hypervisor of a virtual one", () => {
  const look = (host: object) => ({
    ...{ type: "kjerne-drift:index:MachineState", name: "s" },
    properties: { connection: { hostKey }, host: { connection: host } },
  });
  const fields = ["connection.hostKey", "host.connection.hostKey"];
  const judged = (host: object) =>
    states(find(sshHostKey, [look(host)], defaults).filter(({ field }) => fields.includes(field ?? "")));
  assert.deepEqual(judged({ hostKey }), ["shown"]);
  assert.deepEqual(judged({}), ["shown", "violated"]);
});

test("SEC-01 judges whom kjerne's own scripts and files go to", () => {
  for (const kind of ["NodeScript", "NodeFiles"]) {
    const own = (connection: object) =>
      find(sshHostKey, [{ type: `kjerne-drift:index:${kind}`, name: "s", properties: { connection } }], defaults);
    assert.deepEqual(states(own({ hostKey })), ["shown"], kind);
    assert.ok(states(own({ host: "10.20.0.31" })).includes("violated"), kind);
  }
});

test("SEC-01 does not judge a local command", () => {
  const local = { type: "command:local:Command", name: "l", properties: { create: "true" } };
  assert.deepEqual(find(sshHostKey, [local], defaults), []);
});

test("SEC-02 judges each unknown command line of a command, and fields of that name in no component", () => {
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
