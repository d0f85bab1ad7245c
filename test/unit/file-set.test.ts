import assert from "node:assert/strict";
import { test } from "node:test";
import { file, merge, readTree } from "../../node-config/file-set";

test("a tree's file has the path on the node that it has in the tree", () => {
  const files = readTree("image");
  assert.ok("/etc/ssh/sshd_config.d/50-kjerne.conf" in files, Object.keys(files).join("\n"));
  assert.ok(Object.keys(files).every((path) => path.startsWith("/etc/")));
});

test("what is not executable in the repository is 0644 on the node", () => {
  assert.equal(readTree("image")["/etc/fstab"]?.mode, "0644");
});

test("two owners of one path are refused by its name", () => {
  assert.throws(
    () => merge(file("/etc/a", "1"), file("/etc/b", "2"), file("/etc/a", "3")),
    /\/etc\/a is provided twice/,
  );
  assert.deepEqual(Object.keys(merge(file("/etc/a", "1"), file("/etc/b", "2"))), ["/etc/a", "/etc/b"]);
});
