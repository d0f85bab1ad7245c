import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, beforeEach, test } from "node:test";

const writer = readFileSync(join(__dirname, "../../node-config/write-files.py"), "utf8");
const root = mkdtempSync(join(tmpdir(), "kjerne-node-files-"));
const at = (path: string) => `${root}/${path}`;

beforeEach(() => rmSync(at(""), { recursive: true, force: true }));
after(() => rmSync(root, { recursive: true, force: true }));

/** Runs write-files.py as on a node, with its record of written files in a directory of this test. */
function write(
  files: Record<string, string>,
  {
    action = "update",
    mode = "0644",
    set = "base",
    ...rest
  }: { action?: string; mode?: string; set?: string; owner?: string; before?: object; onChange?: object[] } = {},
) {
  const entries = Object.entries(files).map(([path, content]) => [at(path), { mode, lines: content.split("\n") }]);
  const script = writer.replace('"/var/lib/kjerne/files"', JSON.stringify(at("memory")));
  return spawnSync("python3", ["-I", "-c", script, action], {
    input: JSON.stringify({ set, files: Object.fromEntries(entries), onChange: [], ...rest }),
    encoding: "utf8",
  });
}

test("files are written with content and mode, and writing the same set again changes nothing", () => {
  const first = write({ "etc/a.conf": "x = 1\n", "etc/deep/b": "" }, { mode: "0600" });
  assert.equal(first.status, 0, first.stderr);
  assert.equal(readFileSync(at("etc/a.conf"), "utf8"), "x = 1\n");
  assert.equal(statSync(at("etc/a.conf")).mode & 0o777, 0o600);
  const again = write({ "etc/a.conf": "x = 1\n", "etc/deep/b": "" }, { mode: "0600" });
  assert.equal(again.stdout, "");
});

test("a file removed from the set is deleted on the machine, and files outside the set stay", () => {
  write({ a: "1", b: "2" });
  writeFileSync(at("mine"), "3");
  write({ a: "1" });
  assert.ok(existsSync(at("a")) && existsSync(at("mine")));
  assert.ok(!existsSync(at("b")));
});

test("a file edited on the machine is overwritten", () => {
  write({ a: "1" });
  writeFileSync(at("a"), "edited");
  assert.match(write({ a: "1" }).stdout, /wrote .*\/a/);
  assert.equal(readFileSync(at("a"), "utf8"), "1");
});

/** A command that notes in a log that it ran, for files at these paths. */
const noting = (word: string, ...paths: string[]) => ({
  paths: paths.map(at),
  command: `echo ${word} >> ${at("log")}`,
});
const noted = () => (existsSync(at("log")) ? readFileSync(at("log"), "utf8").split("\n").slice(0, -1) : []);

test("a file that changed runs the command of its path and no other", () => {
  const onChange = [
    noting("unit", "units/"),
    noting("containerd", "containerd/", "certs"),
    noting("chrony", "chrony/"),
  ];
  const files = { "units/a": "1", "containerd/a": "1", certs: "1", other: "1" };
  write(files, { onChange });
  assert.deepEqual(noted(), ["unit", "containerd"]);
  write(files, { onChange });
  write({ ...files, other: "2" }, { onChange });
  assert.deepEqual(noted(), ["unit", "containerd"]);
  write({ ...files, certs: "2" }, { onChange });
  assert.deepEqual(noted(), ["unit", "containerd", "containerd"]);
});

test("the last file of its kind that leaves a set runs the command of its path", () => {
  write({ "chrony/a": "1", b: "1" }, { onChange: [noting("b", "b"), noting("chrony", "chrony/")] });
  write({ b: "1" }, { onChange: [noting("b", "b")] });
  assert.deepEqual(noted(), ["b", "chrony", "chrony"]);
  write({ b: "2" }, { onChange: [noting("b", "b")] });
  assert.deepEqual(noted(), ["b", "chrony", "chrony", "b"]);
});

test("a command that failed runs again next time, although no file differs any more", () => {
  const onChange = [{ paths: [at("a")], command: `test -e ${at("ready")} && touch ${at("done")}` }, noting("b", "b")];
  assert.notEqual(write({ a: "1", b: "1" }, { onChange }).status, 0);
  writeFileSync(at("ready"), "");
  assert.equal(write({ a: "1", b: "1" }, { onChange }).status, 0);
  assert.ok(existsSync(at("done")));
  assert.deepEqual(noted(), ["b"]);
});

test("what a run of an older release left undone is done, and what it did is not done again", () => {
  mkdirSync(at("memory"), { recursive: true });
  const record = (applied: string) =>
    writeFileSync(at("memory/base.json"), JSON.stringify({ paths: [at("a")], applied }));
  writeFileSync(at("a"), "1");
  record("0123");
  write({ a: "1" }, { onChange: [noting("a", "a")] });
  assert.deepEqual(noted(), []);
  record("");
  write({ a: "1" }, { onChange: [noting("a", "a")] });
  assert.deepEqual(noted(), ["a"]);
});

test("removing a set deletes its files and its record, and runs no command", () => {
  write({ a: "1" });
  const before = { script: "refuse.sh", lines: ["exit 1"], stdin: "" };
  const removed = write({ a: "1" }, { before, onChange: [noting("a", "a")], action: "delete" });
  assert.equal(removed.status, 0, removed.stderr);
  assert.ok(!existsSync(at("a")) && !existsSync(at("memory/base.json")));
  assert.deepEqual(noted(), []);
});

test("a script that must pass before reads its own stdin, and nothing is written when it fails", () => {
  const before = (stdin: string) => ({
    script: "keep.sh",
    lines: ["set -eu", '[ "$(cat) $1" = "yes update" ]'],
    stdin,
  });
  const refused = write({ a: "1" }, { before: before("no") });
  assert.notEqual(refused.status, 0);
  assert.ok(!existsSync(at("a")) && !existsSync(at("memory")));
  assert.equal(write({ a: "1" }, { before: before("yes") }).status, 0);
  assert.equal(readFileSync(at("a"), "utf8"), "1");
});

test("two clusters have sets of the same name on one machine, and each removes only its own files", () => {
  write({ a: "1" }, { owner: "oslo", action: "create" });
  write({ b: "1" }, { owner: "bergen", action: "create" });
  write({}, { owner: "bergen", action: "delete" });
  assert.ok(existsSync(at("a")) && !existsSync(at("b")));
});

test("an update takes over the set that an older release recorded without an owner; a new resource does not", () => {
  write({ a: "1" });
  write({ b: "1" }, { owner: "bergen", action: "create" });
  write({ c: "1" }, { owner: "oslo", action: "update" });
  assert.ok(!existsSync(at("a")) && existsSync(at("b")) && existsSync(at("c")));
  assert.ok(!existsSync(at("memory/base.json")));
});

test("a file that moves to another set stays, whichever of the two is written first", () => {
  for (const order of [
    ["base", "extra"],
    ["extra", "base"],
  ]) {
    write({ a: "1", b: "1" });
    write({ c: "1" }, { set: "extra" });
    const moved: Record<string, Record<string, string>> = { base: { b: "1" }, extra: { a: "2", c: "1" } };
    for (const set of order) assert.equal(write(moved[set] ?? {}, { set }).status, 0);
    assert.equal(readFileSync(at("a"), "utf8"), "2", order.join(" before "));
    write({ c: "1" }, { set: "extra" });
    assert.ok(!existsSync(at("a")), "its last set takes it away");
  }
});

test("two clusters that want different content of one file are refused, and the same content is shared", () => {
  write({ a: "1" }, { owner: "oslo", action: "create" });
  const other = write({ a: "2", b: "2" }, { owner: "bergen", action: "create" });
  assert.notEqual(other.status, 0);
  assert.match(other.stderr, /nothing was written:\n.*\/a: oslo wants other content .*leave the file to one of them/);
  assert.ok(!existsSync(at("b")) && readFileSync(at("a"), "utf8") === "1");

  assert.equal(write({ a: "1" }, { owner: "bergen", action: "create" }).status, 0);
  const left = write({}, { owner: "oslo", action: "delete" });
  assert.match(left.stdout, /left to another set .*\/a/);
  assert.ok(existsSync(at("a")));
  write({}, { owner: "bergen", action: "delete" });
  assert.ok(!existsSync(at("a")));
});

for (const [what, content] of [
  ["empty", ""],
  ["half written", '{"paths": ["/e'],
  ["of another shape", "[]"],
  ["without paths", "{}"],
  ["with a path that is none", '{"paths": [1], "onChange": [], "pending": []}'],
]) {
  test(`a record that is ${what} is mended, and the set then owns only what it names`, () => {
    write({ a: "1", b: "1", c: "1" }, { onChange: [noting("a", "a")] });
    writeFileSync(at("memory/base.json"), content ?? "");
    const mended = write({ a: "1", c: "1" }, { onChange: [noting("a", "a")] });
    assert.equal(mended.status, 0, mended.stderr);
    assert.match(mended.stdout, /mended .*\/base\.json/);
    assert.deepEqual(noted(), ["a", "a"], "nobody knows whether it ran");
    assert.ok(existsSync(at("b")), "a file that it may not own stays");
    write({ a: "1" });
    assert.ok(!existsSync(at("c")));
    assert.equal(write({ a: "1" }).stdout, "");
  });
}

test("a set whose record is broken is removed by what it names, and files of a broken other set stay", () => {
  write({ a: "1" });
  write({ b: "1" }, { set: "extra" });
  writeFileSync(at("memory/base.json"), "");
  write({}, { set: "extra", action: "delete" });
  assert.ok(existsSync(at("b")));
  assert.equal(write({ a: "1" }, { action: "delete" }).status, 0);
  assert.ok(!existsSync(at("a")) && !existsSync(at("memory/base.json")));
});

test("a link is replaced by the file and never followed, and a directory in its place is refused", () => {
  mkdirSync(at("directory"), { recursive: true });
  writeFileSync(at("victim"), "1");
  for (const link of ["a", "b.kjerne-new"]) symlinkSync(at("victim"), at(link));
  assert.equal(write({ a: "1", b: "2" }).status, 0);
  assert.ok(!lstatSync(at("a")).isSymbolicLink());
  assert.deepEqual([readFileSync(at("victim"), "utf8"), readFileSync(at("b"), "utf8")], ["1", "2"]);

  const refused = write({ a: "3", directory: "1" });
  assert.match(refused.stderr, /^nothing was written:\n {2}\S+\/directory: a directory is there; move it away\n$/);
  assert.equal(readFileSync(at("a"), "utf8"), "1");
});

test("what stands in the way of a file's directory is refused with its name", () => {
  write({ plain: "1" });
  const refused = write({ "plain/deeper/a": "1", b: "1" });
  assert.match(
    refused.stderr,
    /^nothing was written:\n {2}\S+\/plain\/deeper\/a: \S+\/plain is no directory; move it away\n$/,
  );
  assert.ok(!existsSync(at("b")));
});

test("a file that another set took over can leave it, even when the first set never runs again", () => {
  write({ a: "1" }, { set: "sysctl" });
  write({ a: "1", b: "1" });
  write({ b: "1" });
  assert.ok(!existsSync(at("a")));
});

test("a set that an older release recorded stays recorded when the script before it fails", () => {
  write({ a: "1" });
  write({ b: "1" }, { owner: "oslo", before: { script: "no.sh", lines: ["exit 1"], stdin: "" } });
  assert.ok(existsSync(at("memory/base.json")) && !existsSync(at("memory/oslo.base.json")));
});

test("paths that are not absolute or lead upwards are refused, all at once", () => {
  const refused = write({ a: "1", "../b": "1", "c/../d": "1", "e//f": "1", "g/": "1" });
  assert.notEqual(refused.status, 0);
  assert.equal(refused.stderr.match(/not an absolute path without \. and \.\./g)?.length, 4, refused.stderr);
  assert.ok(!existsSync(at("a")));
});
