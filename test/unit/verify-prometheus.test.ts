import assert from "node:assert/strict";
import { test } from "node:test";
import { alertRules, exposition, verificationMetrics } from "../../components/verify/prometheus";
import type { Check, Report } from "../../components/verify/report";

const check = (id: string, node: string, passed: boolean, here = false): Check => ({
  ...{ id, node, passed, title: `${id} is as wanted`, wanted: "", found: "", next: `look at ${id}` },
  ...(here ? { here } : {}),
});
const report: Report = {
  schema: 1,
  time: "2026-11-26T18:00:00.000Z",
  passed: false,
  remarks: [],
  nodes: [],
  checks: [
    check("bgp-sessions", "cp1", true),
    check("bgp-sessions", "worker1", false),
    check("sysctl-net.ipv4.ip_forward", "cp1", true),
    check("network-policies", "cluster", true),
    check("ssh", "cp1", true, true),
  ],
  warnings: [{ id: "pods-down", title: "pods that are down", node: "cluster", found: "shop/web", next: "kubectl" }],
};

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly annotations: { readonly summary: string; readonly next: string };
}
const rules = () => (alertRules("oslo", report, 15) as { groups: { rules: Rule[] }[] }).groups[0]?.rules ?? [];

test("each check and each warning of a node is a sample of its own", () => {
  const text = verificationMetrics("oslo", report);
  assert.match(text, /^kjerne_check_passed\{stack="oslo",check="bgp-sessions",node="cp1"\} 1$/m);
  assert.match(text, /^kjerne_check_passed\{stack="oslo",check="bgp-sessions",node="worker1"\} 0$/m);
  assert.match(text, /^kjerne_warning\{stack="oslo",warning="pods-down",node="cluster"\} 1$/m);
  assert.match(text, /^kjerne_verification_passed\{stack="oslo"\} 0$/m);
  assert.match(text, /^kjerne_verification_time_seconds\{stack="oslo"\} 1795716000$/m);
  assert.equal(text.match(/^# TYPE kjerne_check_passed gauge$/gm)?.length, 1);
  assert.ok(text.endsWith("\n"));
});

test("what would end a label's value is escaped", () => {
  const gauge = { metric: "m", help: "h", labels: { path: 'a\\b"c\nd' }, value: 1 };
  assert.match(exposition("oslo", [gauge]), /^m\{stack="oslo",path="a\\\\b\\"c\\nd"\} 1$/m);
});

test("there is one alert for each check, whose expression selects the metric's own labels", () => {
  assert.deepEqual(
    rules().map(({ alert }) => alert),
    ["KjerneBgpSessions", "KjerneSysctlNetIpv4IpForward", "KjerneNetworkPolicies", "KjerneSsh", "KjerneNotVerified"],
  );
  assert.equal(rules()[0]?.expr, 'kjerne_check_passed{stack="oslo",check="bgp-sessions"} == 0');
  assert.equal(rules()[0]?.annotations.summary, "{{ $labels.node }} of oslo: bgp-sessions is as wanted");
});

test("an alert says where its next command is to be run", () => {
  assert.deepEqual(
    rules().map(({ annotations }) => annotations.next),
    [
      "on {{ $labels.node }}: look at bgp-sessions",
      "on {{ $labels.node }}: look at sysctl-net.ipv4.ip_forward",
      "on a control plane: look at network-policies",
      "look at ssh",
      "make verify STACK=oslo",
    ],
  );
});

test("a verification that does not run, or never did, is an alert too", () => {
  const silent = rules().at(-1);
  assert.match(silent?.expr ?? "", /> 2700 or absent\(kjerne_verification_time_seconds\{stack="oslo"\}\)$/);
});
