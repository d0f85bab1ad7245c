import assert from "node:assert/strict";
import { test } from "node:test";
import { type Check, type Report, table, type Warning } from "../../components/verify/report";

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
  warnings: [],
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

test("a warning says what was found and what to look at, and the report passes", () => {
  const warning = { id: "pods-down", title: "pods are down", node: "cluster", found: "shop/web", next: "kubectl logs" };
  const text = table({ ...report([check("cp1", true, "ipvs")]), warnings: [warning as Warning] });
  assert.equal(
    text,
    `ok  kube-proxy runs in its mode  cp1  ipvs

WARNING  cluster: pods are down
  found  shop/web
  next   kubectl logs

All 1 checks passed, 1 warning. 2026-01-02T03:04:05.000Z`,
  );
});

test("where a node doesn't answer, the next command is for the machine that verifies", () => {
  const text = table(report([{ ...check("cp1", false, "No route to host"), here: true }]));
  assert.match(text, /^ {2}next {4}here: socat$/m);
});

test("checks that could not be made for the same reason are listed together, with the reason once", () => {
  const text = table(
    report([check("cp1", false, "unreadable: API down"), check("worker1", false, "unreadable: API down")]),
  );
  assert.match(
    text,
    /^FAILED {2}cp1: kube-proxy runs in its mode\nFAILED {2}worker1: kube-proxy runs in its mode\n {2}found {3}unreadable: API down\n {2}next {4}on cp1: socat\n\n/,
  );
});
