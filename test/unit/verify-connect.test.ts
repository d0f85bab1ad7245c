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

before(() => {
  directory = mkdtempSync(join(tmpdir(), "kjerne-connect-"));
  writeFileSync(join(directory, "agnhost"), agnhost, { mode: 0o755 });
});
after(() => rmSync(directory, { recursive: true }));

/** Lines that connect.sh prints for these connections, each tried for two seconds. */
function connect(...connections: string[]): string[] {
  const { stdout, stderr, status } = spawnSync("sh", ["-s", "--", "2", "1", ...connections], {
    cwd: directory,
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
