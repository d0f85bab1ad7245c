import assert from "node:assert/strict";
import { test } from "node:test";
import { observedNode } from "../../components/verify/observed-node";
import { etcdDiskWarnings } from "../../components/verify/warnings";

/** What is said of a node whose disk fio measured, or of one on which nobody did. */
function warningsOf(p99Milliseconds?: number) {
  const kept = { writes: 999, p50Milliseconds: 1, p99Milliseconds, limitMilliseconds: 10 };
  const observed = observedNode((name) =>
    name === "etcdDisk" && p99Milliseconds
      ? { status: 0, stdout: JSON.stringify(kept), stderr: "" }
      : { status: 1, stdout: "", stderr: "No such file or directory" },
  );
  return etcdDiskWarnings({ name: "cp1", role: "control-plane", address: "10.77.0.11" }, observed);
}

test("a control plane that began on a disk too slow for etcd is a warning", () => {
  const [warning, ...others] = warningsOf(23.4);
  assert.deepEqual([warning?.id, warning?.node, others], ["etcd-disk-slow", "cp1", []]);
  assert.equal(warning?.found, "23.4 ms, of 999 writes by fio");
});

test("nothing is said of a disk that is fast enough, nor of a node whose disk nobody measured", () =>
  assert.deepEqual([warningsOf(9.9), warningsOf()], [[], []]));
