import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";

const scratch = mkdtempSync(join(tmpdir(), "kjerne-signals-"));
after(() => rmSync(scratch, { recursive: true }));

/** A program that verifies for ever. It says so once the keys are in their files. */
const program = `
  const { overSsh } = require(${JSON.stringify(join(__dirname, "../../components/verify/ssh.ts"))});
  const target = { host: "192.0.2.1", privateKey: "SECRET", hostKey: "ssh-ed25519 AAAA" };
  overSsh({ cp1: target }, () => new Promise(() => { setInterval(() => {}, 1000); console.log("began"); }));
`;

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  test(`a verification that ${signal} ends leaves no private key behind`, async () => {
    const child = spawn(process.execPath, ["--import", "tsx", "--eval", program], {
      cwd: join(__dirname, "../.."),
      env: { ...process.env, TMPDIR: scratch },
      stdio: ["ignore", "pipe", "inherit"],
    });
    assert.ok(child.stdout);
    await once(child.stdout, "data");
    const keys = () => readdirSync(scratch).filter((name) => name.startsWith("kjerne-ssh-"));
    assert.equal(keys().length, 1);
    child.kill(signal);
    const [, ended] = await once(child, "exit");
    assert.equal(ended, signal);
    assert.deepEqual(keys(), []);
  });
}
