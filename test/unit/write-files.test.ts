import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, beforeEach, test } from "node:test";

const writer = readFileSync(join(__dirname, "../../node-config/write-files.py"), "utf8");
const root = mkdtempSync(join(tmpdir(), "kjerne-node-files-"));
const at = (path: string) => join(root, path);

beforeEach(() => rmSync(at(""), { recursive: true, force: true }));
after(() => rmSync(root, { recursive: true, force: true }));

/** Runs write-files.py as on a node, with its record of written files in a directory of this test. */
function write(files: Record<string, string>, { mode = "0644", onChange = "", args = [] as string[] } = {}) {
  const entries = Object.entries(files).map(([path, content]) => [at(path), { mode, lines: content.split("\n") }]);
  const script = writer.replace('"/var/lib/kjerne/files"', JSON.stringify(at("memory")));
  return spawnSync("python3", ["-I", "-c", script, ...args], {
    input: JSON.stringify({ set: "base", files: Object.fromEntries(entries), onChange }),
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

test("the command onChange runs when a file changed, and only then", () => {
  const onChange = `echo ran >> ${at("log")}`;
  const runs = () => readFileSync(at("log"), "utf8").split("\n").length - 1;
  write({ a: "1" }, { onChange });
  write({ a: "1" }, { onChange });
  assert.equal(runs(), 1);
  write({ a: "2" }, { onChange });
  assert.equal(runs(), 2);
});

test("a command onChange that failed runs again next time, although no file differs any more", () => {
  const onChange = `test -e ${at("ready")} && touch ${at("done")}`;
  assert.notEqual(write({ a: "1" }, { onChange }).status, 0);
  writeFileSync(at("ready"), "");
  assert.equal(write({ a: "1" }, { onChange }).status, 0);
  assert.ok(existsSync(at("done")));
});

test("removing a set deletes its files and its record, and runs no command", () => {
  write({ a: "1" });
  const removed = write({ a: "1" }, { onChange: `touch ${at("ran")}`, args: ["remove"] });
  assert.equal(removed.status, 0, removed.stderr);
  assert.ok(!existsSync(at("a")) && !existsSync(at("memory/base.json")) && !existsSync(at("ran")));
});
