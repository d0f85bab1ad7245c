import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";

const script = readFileSync(join(__dirname, "../../node-config/verify/connect.sh"), "utf8");
let directory: string;

/** An agnhost that ends as the target says: `open`, `silent`, `closed`, `nameless`, or `late`, which opens at the second try. */
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

/** What connect.sh prints for these connections, with a second of patience. */
function connect(...connections: string[]): string[] {
  const { stdout, stderr, status } = spawnSync("sh", ["-s", "--", "2", "1", ...connections], {
    cwd: directory,
    input: script,
    encoding: "utf8",
  });
  assert.equal(status, 0, stderr);
  return stdout.replace(/\n$/, "").split("\n");
}

test("what passes and what is refused is told with exit status and last words", () => {
  assert.deepEqual(connect("passes", "api", "open", "refused", "backend", "silent", "refused", "outside", "closed"), [
    "api\t0\t",
    "backend\t1\tTIMEOUT",
    "outside\t1\tREFUSED",
  ]);
});

test("what must pass is tried again", () => {
  assert.deepEqual(connect("passes", "api", "late"), ["api\t0\t"]);
});

test("nothing is tried after what had to pass and did not, so nothing looks refused", () => {
  assert.deepEqual(connect("passes", "api", "nameless", "refused", "backend", "silent"), [
    "api\t1\tDNS: lookup failed",
  ]);
});

test("a refusal that is none is told", () => {
  assert.deepEqual(connect("refused", "backend", "open", "refused", "other", "nameless"), [
    "backend\t0\t",
    "other\t1\tDNS: lookup failed",
  ]);
});
