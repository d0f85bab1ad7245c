import assert from "node:assert/strict";
import { test } from "node:test";
import { type Check, type Report, table } from "../../components/verify/report";

const check = (node: string, passed: boolean, found: string): Check => ({
  id: "proxy-mode",
  title: "kube-proxy runs in its mode",
  node,
  wanted: "ipvs",
  found,
  passed,
  next: "socat",
});
const report = (checks: Check[], remarks: string[] = []): Report => ({
  schema: 1,
  time: "2026-01-02T03:04:05.000Z",
  passed: checks.every(({ passed }) => passed),
  remarks,
  nodes: [],
  checks,
});

test("the report starts with failed checks: wanted value, found value and the next command to run", () => {
  const text = table(
    report([check("cp1", true, "ipvs"), check("worker1", false, "iptables")], ["The pool is emulated."]),
  );
  assert.equal(
    text,
    `FAILED  worker1: kube-proxy runs in its mode
  wanted  ipvs
  found   iptables
  next    on worker1: socat

ok  kube-proxy runs in its mode  cp1  ipvs

Note: The pool is emulated.
1 of 2 checks failed. 2026-01-02T03:04:05.000Z`,
  );
});

test("a check that passed on several nodes is one line of the report", () => {
  const text = table(report([check("cp1", true, "ipvs"), check("worker1", true, "ipvs")]));
  assert.match(text, /^ok {2}kube-proxy runs in its mode {2}cp1, worker1 {2}ipvs\n\nAll 2 checks passed\./);
});
