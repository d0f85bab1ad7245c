import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";

const script = readFileSync(join(__dirname, "../../node-config/verify/connect.sh"), "utf8");
let directory: string;

/** A fake agnhost. Targets: `open`, `silent`, `closed`, `nameless`, and `late`, which opens at the second attempt. */
const agnhost = `#!/bin/sh
case $2 in
  open) exit 0 ;;
  silent) echo TIMEOUT >&2; exit 1 ;;
  closed) echo REFUSED >&2; exit 1 ;;
  nameless) printf 'DNS: lookup\\tfailed\\n' >&2; exit 1 ;;
  late) [ -e tried ] && exit 0; touch tried; echo TIMEOUT >&2; exit 1 ;;
esac
`;

/** A fake wget: gives back as many bytes as it was told to send, or a tenth of them. */
const wget = `#!/bin/sh
while [ $# -gt 1 ]; do
  [ "$1" = --header ] && payload=\${2#X-Payload: }
  shift
done
case $1 in
  http://open/) printf %s "$payload" ;;
  http://lossy/) printf %s "$payload" | head -c 100; exit 1 ;;
esac
`;

/** A fake ping, which a pod `open` answers in full and one behind a switch of small packets does not. */
const ping = `#!/bin/sh
case "$*" in
  *"-s 8972 open") echo 1 received ;;
  *) echo "1 transmitted, 0 received"; exit 1 ;;
esac
`;
const mtuIs = (mtu: number) => writeFileSync(join(directory, "cat"), `#!/bin/sh\necho ${mtu}\n`, { mode: 0o755 });

before(() => {
  directory = mkdtempSync(join(tmpdir(), "kjerne-connect-"));
  writeFileSync(join(directory, "agnhost"), agnhost, { mode: 0o755 });
  writeFileSync(join(directory, "wget"), wget, { mode: 0o755 });
  writeFileSync(join(directory, "ping"), ping, { mode: 0o755 });
});
after(() => rmSync(directory, { recursive: true }));

/** Lines that connect.sh prints for these connections, each tried for two seconds. */
function connect(...connections: string[]): string[] {
  rmSync(join(directory, "tried"), { force: true });
  const { stdout, stderr, status } = spawnSync("sh", ["-s", "--", "2", "1", "1000", "8972", ...connections], {
    cwd: directory,
    env: { ...process.env, PATH: `${directory}:${process.env.PATH}` },
    input: script,
    encoding: "utf8",
  });
  assert.equal(status, 0, stderr);
  // What must be refused is tried all at once, so its lines come in any order.
  return stdout.replace(/\n$/, "").split("\n").sort();
}

test("each connection is reported with the exit status and error message of agnhost", () => {
  assert.deepEqual(connect("passes", "api", "open", "refused", "backend", "silent", "refused", "outside", "closed"), [
    "api\t0\t",
    "backend\t1\tTIMEOUT",
    "outside\t1\tREFUSED",
  ]);
});

test("a connection that must succeed is tried again", () => {
  assert.deepEqual(connect("passes", "api", "late"), ["api\t0\t"]);
});

test("after a connection that had to succeed and failed, no other is tried, so that none looks refused", () => {
  assert.deepEqual(connect("passes", "api", "nameless", "refused", "backend", "silent"), [
    "api\t1\tDNS: lookup failed",
  ]);
});

test("a connection that should be refused is reported when it succeeds or when DNS fails", () => {
  assert.deepEqual(connect("refused", "backend", "open", "refused", "other", "nameless"), [
    "backend\t0\t",
    "other\t1\tDNS: lookup failed",
  ]);
});

test("a transfer passes when as many bytes came back as were sent, and what follows is tried in any case", () => {
  assert.deepEqual(connect("carries", "bytes", "open", "refused", "backend", "silent"), [
    "backend\t1\tTIMEOUT",
    "bytes\t0\t1000 of 1000 bytes came back",
  ]);
  assert.deepEqual(connect("carries", "bytes", "lossy", "refused", "backend", "silent"), [
    "backend\t1\tTIMEOUT",
    "bytes\t1\t100 of 1000 bytes came back",
  ]);
});

test("an echo of the fabric's full size passes when it comes back, and what follows is tried in any case", () => {
  mtuIs(9000);
  assert.deepEqual(connect("whole", "packet", "open", "refused", "backend", "silent"), [
    "backend\t1\tTIMEOUT",
    "packet\t0\t1 received",
  ]);
  assert.deepEqual(connect("whole", "packet", "small", "refused", "backend", "silent"), [
    "backend\t1\tTIMEOUT",
    "packet\t1\t1 transmitted, 0 received",
  ]);
});

test("an echo that the pod's own interface would send in pieces does not pass, though it would come back", () => {
  mtuIs(1500);
  assert.deepEqual(connect("whole", "packet", "open"), ["packet\t1\teth1 takes 1500 bytes at most"]);
});
