import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { at, noted, noting, write } from "./file-writer";

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
