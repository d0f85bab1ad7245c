import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { textOf } from "../../components/machine/program-text";
import { listIn } from "../../node-config/file-set";

const script = textOf("hypervisor/preflight.sh");
const scratch = mkdtempSync(join(tmpdir(), "kjerne-preflight-"));
after(() => rmSync(scratch, { recursive: true, force: true }));

const wanted = {
  name: "hv1",
  commands: listIn("hypervisor/commands.txt"),
  pool: { name: "kjerne", path: join(scratch, "pool"), medium: "nvme" },
  bridge: "no-such-bridge",
  emulation: false,
  asked: [{ name: "cp1", memoryMiB: 99_000_000, diskGiB: 9_000_000 }],
  sources: "",
  reservedMemoryMiB: 2048,
  maximumStealPercent: -1,
  synchronisedClock: false,
};

/** Runs preflight.sh on this machine with fake commands before those in `path`. */
function preflight(commands: Readonly<Record<string, string>>, path: string, change: object = {}) {
  const bin = mkdtempSync(join(scratch, "bin-"));
  for (const [name, text] of Object.entries(commands)) {
    if (text.startsWith("/")) symlinkSync(text, join(bin, name));
    else writeFileSync(join(bin, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  }
  return spawnSync("/bin/bash", ["-c", script], {
    input: JSON.stringify({ ...wanted, ...change }),
    encoding: "utf8",
    env: { PATH: [bin, path].filter(Boolean).join(":") },
  });
}

const jq = spawnSync("sh", ["-c", "command -v jq"], { encoding: "utf8" }).stdout.trim();
const present = Object.fromEntries(
  "ping qemu-system-x86_64 mmdebstrap xorriso mkfs.ext4 resize2fs mkfs.xfs ssh-keygen apt-get dpkg-deb bridge unshare"
    .split(" ")
    .map((name) => [name, "echo []"]),
);

test("the preflight lists every missing command with the Debian package that has it", () => {
  const { status, stderr } = preflight({ jq, cat: "/bin/cat" }, "");
  assert.equal(status, 1);
  assert.match(stderr, /command virsh is missing/);
  assert.match(stderr, /command mkfs\.xfs is missing; install Debian's package that has it \(e2fsprogs xfsprogs\)/);
});

test("the preflight quotes libvirt's error when libvirt does not answer", () => {
  const { stderr } = preflight({ ...present, virsh: "echo no socket >&2; exit 1" }, process.env.PATH ?? "");
  assert.match(stderr, /libvirt does not answer \(no socket\)/);
});

test("the preflight refuses pool, memory, bridge and CPU steal in one run and says how to fix each", () => {
  const apt = { "apt-get": "exit 0", "apt-cache": "exit 0" };
  const { status, stdout, stderr } = preflight({ ...present, ...apt, virsh: "exit 0" }, process.env.PATH ?? "");
  assert.equal(status, 1, stderr);
  assert.equal(stdout, "");
  assert.match(stderr, /pool .* GiB free .* they ask for 9000000 in all: free space/);
  assert.match(stderr, /memory: .* they ask for 99000000 .*: ask for less/);
  assert.match(stderr, /bridge no-such-bridge does not exist; make it/);
  assert.match(stderr, /steal: .* the limit is -1 %/);
});

test("the preflight refuses CPUs that the hypervisor does not have", () => {
  const apt = { "apt-get": "exit 0", "apt-cache": "exit 0" };
  const asked = [{ name: "worker1", memoryMiB: 1, diskGiB: 1, pinnedCpus: [0, 9000] }];
  const { stderr } = preflight({ ...present, ...apt, virsh: "exit 0" }, process.env.PATH ?? "", { asked });
  assert.match(stderr, /CPUs: this machine has CPU 0 to \d+, and worker1 pins others; set pinnedCpus to/);
});
