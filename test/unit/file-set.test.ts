import assert from "node:assert/strict";
import { test } from "node:test";
import { file, merge, readTree } from "../../node-config/file-set";

test("a file of a tree has the same path on the node as in the tree", () => {
  const files = readTree("image");
  assert.ok("/etc/ssh/sshd_config.d/50-kjerne.conf" in files, Object.keys(files).join("\n"));
  assert.ok(Object.keys(files).every((path) => path.startsWith("/etc/")));
});

test("a file that is not executable in the repository gets mode 0644 on the node", () => {
  assert.equal(readTree("image")["/etc/fstab"]?.mode, "0644");
});

test("two file sets with the same path are refused, and the error names the path", () => {
  assert.throws(
    () => merge(file("/etc/a", "1"), file("/etc/b", "2"), file("/etc/a", "3")),
    /\/etc\/a is provided twice/,
  );
  assert.deepEqual(Object.keys(merge(file("/etc/a", "1"), file("/etc/b", "2"))), ["/etc/a", "/etc/b"]);
});
