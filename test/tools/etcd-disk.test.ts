import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { rootCommand, run } from "../../tools/run";
import { onlyWhatItSaid } from "./played-hypervisor";

/** A machine with a directory of etcd's of its own, and fio's answer about it, which is one that fio gave but for `p99`. */
const machine = mkdtempSync(join(tmpdir(), "kjerne-etcd-disk-"));
const at = (path: string) => join(machine, path);
const directories = ["etc/kubernetes/kjerne", "var/lib/etcd", "var/lib/kjerne"];
for (const directory of ["bin", ...directories]) mkdirSync(at(directory), { recursive: true });
after(() => rmSync(machine, { recursive: true, force: true }));

const script = join(__dirname, "../../node-config/control-plane/usr/local/sbin/kjerne-etcd-disk");
const entered = `
  for directory in etc/kubernetes var/lib/etcd var/lib/kjerne; do mkdir -p "/$directory"; mount --bind "$0/$directory" "/$directory"; done
  export PATH="$0/bin:$PATH"
  "$1"`;

/** What the script says about a disk on which 99 of 100 writes took so long at most, in nanoseconds. */
async function measured(p99: number, slower: "refused" | "told") {
  const sync = { N: 999, percentile: { "50.000000": 2703360, "99.000000": p99 } };
  const answer = JSON.stringify({ jobs: [{ jobname: "etcd-disk", sync: { lat_ns: sync } }] });
  writeFileSync(at("bin/fio"), `#!/bin/bash\necho "$*" >${at("asked")}\necho '${answer}'\n`, { mode: 0o755 });
  writeFileSync(at("etc/kubernetes/kjerne/slow-etcd-disk"), `${slower}\n`);
  const [program, ...args] = rootCommand(["unshare", "--mount", "bash", "-euc", entered, machine, script]);
  return run(program, args).catch(onlyWhatItSaid);
}
const kept = () => JSON.parse(readFileSync(at("var/lib/kjerne/etcd-disk.json"), "utf8"));

test("a disk that keeps 99 of 100 writes within etcd's 10 ms is taken, and what was measured is kept", async () => {
  await measured(9_900_000, "refused");
  assert.deepEqual(kept(), { writes: 999, p50Milliseconds: 2.70336, p99Milliseconds: 9.9, limitMilliseconds: 10 });
  const asked = readFileSync(at("asked"), "utf8");
  assert.match(asked, /--directory=\/var\/lib\/etcd .*--fdatasync=1/);
});

test("a slower one is refused, with its device, the time that it took and the way out", async () => {
  await assert.rejects(
    measured(23_400_000, "refused"),
    /\/var\/lib\/etcd lies on \S+, where 99 of 100 writes were on the disk within 23\.4 ms, and etcd needs 10 ms .* faster disk, or set kubernetes\.slowEtcdDisk to told/,
  );
  assert.equal(kept().p99Milliseconds, 23.4, "kept all the same");
});

test("it is taken where the settings say that it is only told", async () => {
  await measured(23_400_000, "told");
  assert.equal(kept().p99Milliseconds, 23.4);
});
