import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { sshKeyOf } from "../../node-config/ssh-key";

const directory = mkdtempSync(join(tmpdir(), "kjerne-ssh-key-"));
after(() => rmSync(directory, { recursive: true, force: true }));

const seedOf = (text: string) => createHash("sha256").update(text).digest();

test("ssh-keygen reads the private key of any seed, and derives the public key from it", () => {
  for (const text of ["a", "b", "c"]) {
    const { privateKey, publicKey } = sshKeyOf(seedOf(text));
    const file = join(directory, text);
    writeFileSync(file, privateKey, { mode: 0o600 });
    const { stdout, stderr } = spawnSync("ssh-keygen", ["-y", "-P", "", "-f", file], { encoding: "utf8" });
    assert.equal(stdout.trim(), publicKey, stderr);
  }
});

test("a seed has one key, and another seed another", () => {
  assert.deepEqual(sshKeyOf(seedOf("a")), sshKeyOf(seedOf("a")));
  assert.notEqual(sshKeyOf(seedOf("a")).publicKey, sshKeyOf(seedOf("b")).publicKey);
});
