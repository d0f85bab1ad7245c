import assert from "node:assert/strict";
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { test } from "node:test";
import { at, noted, noting, write } from "./file-writer";

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
  chmodSync(at("a"), 0o644); // whatever the umask
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

test("paths that are not absolute or lead upwards are refused, all at once", () => {
  const refused = write({ a: "1", "../b": "1", "c/../d": "1", "e//f": "1", "g/": "1" });
  assert.notEqual(refused.status, 0);
  assert.equal(refused.stderr.match(/not an absolute path without \. and \.\./g)?.length, 4, refused.stderr);
  assert.ok(!existsSync(at("a")));
});
