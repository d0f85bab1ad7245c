import assert from "node:assert/strict";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { run } from "../../tools/run";
import { onlyWhatItSaid } from "./played-hypervisor";

const directory = mkdtempSync(join(tmpdir(), "kjerne-ready-"));
after(() => rmSync(directory, { recursive: true }));
mkdirSync(join(directory, "bin"));
function fake(name: string, body: string) {
  writeFileSync(join(directory, "bin", name), `#!/bin/sh\n${body}\n`);
  chmodSync(join(directory, "bin", name), 0o755);
}

/** Runs ready.sh of a machine that kjerne made as worker1. */
function ready(hostname: string, systemctl: string): Promise<string> {
  fake("hostname", `echo ${hostname}`);
  fake("systemctl", systemctl);
  const expected = { cluster: "oslo", role: "worker", boot: { name: "worker1", etcdDisk: false }, hosts: null };
  const script = join(__dirname, "../../node-config/machine/ready.sh");
  const PATH = `${join(directory, "bin")}:${process.env.PATH}`;
  return run("bash", [script, "create"], { env: { PATH }, input: JSON.stringify(expected) }).catch(onlyWhatItSaid);
}

test("a machine that came up as another one, or with units that failed, is told with the command to look with", async () => {
  await ready("worker1", "echo running");
  await assert.rejects(
    ready("debian", "echo running"),
    /the machine of worker1 calls itself debian; cloud-init did not find its seed: journalctl -u cloud-init-local/,
  );
  await assert.rejects(
    ready("worker1", 'case "$*" in is-system*) echo degraded; exit 1 ;; *) echo "chrony.service loaded" ;; esac'),
    /node worker1: these units failed at boot: chrony\.service; journalctl -u <unit>/,
  );
});
