import assert from "node:assert/strict";
import { test } from "node:test";
import { probePlan } from "../../components/verify/probe-plan";
import { type Run, verify } from "../../components/verify/verify";
import { everyCheck, named } from "./verify/every-check";
import { clusterFailures, nodeFailures } from "./verify/failures";
import { checksOf, healthy, lab, wanted } from "./verify/healthy";

for (const [node, failures] of [
  ["cluster", clusterFailures],
  ["cp1", nodeFailures],
] as const) {
  for (const [what, answers, id, found, expected] of failures) {
    test(`${what} fails ${id} and nothing else`, () => {
      const failed = checksOf(answers, expected).filter(({ passed }) => !passed);
      assert.deepEqual(
        failed.map((check) => [check.node, check.id]),
        [[node, id]],
      );
      assert.match(failed[0]?.found ?? "", found);
      assert.ok(failed[0]?.wanted && failed[0]?.next);
    });
  }
}

test("every check of a healthy cluster has a case in which it fails", () => {
  const made = [...checksOf(healthy), ...checksOf({ ...healthy, ...lab.worker1 }, wanted, "worker1")];
  const failing = new Set([...clusterFailures, ...nodeFailures].map(([, , id]) => id));
  const lacking = [...new Set(made.map(({ id }) => id))].filter((id) => !failing.has(id));
  assert.deepEqual(lacking, [], `no case makes ${lacking.join(", ")} fail: add one to test/unit/verify/failures.ts`);
});

test("of a system container nothing is judged that is its host's", () => {
  const container = { ...wanted, nodes: wanted.nodes.map((node) => ({ ...node, container: true })) };
  const [whole, some] = [wanted, container].map((one) => new Set(checksOf(healthy, one).map(({ id }) => id)));
  const left = [...(whole ?? [])].filter((id) => !some?.has(id));
  assert.ok(["kernel-modules", "cpu-steal", "sysctl-net.netfilter.nf_conntrack_max"].every((id) => left.includes(id)));
  assert.deepEqual(
    left.filter((id) => id.startsWith("sysctl-net.") && !/nf_conntrack_(max|buckets)$/.test(id)),
    [],
  );
  assert.ok(some?.has("sysctl-net.ipv4.ip_forward"));
});

/** Answers for the nodes of a lab what they answered when they were recorded; its pods connect as the plan says. */
const replay: Run = async (node, script) => {
  if (script === "verify/observe.sh") return JSON.stringify(lab[node as keyof typeof lab]);
  const results = probePlan(wanted).flatMap(({ name, passes, refused }) => [
    ...passes.map(({ id }) => ({ pod: name, probe: id, exitCode: 0, message: "" })),
    ...refused.map(({ id }) => ({ pod: name, probe: id, exitCode: 1, message: "TIMEOUT" })),
  ]);
  return JSON.stringify({ problem: "", results });
};

test("the report on a healthy cluster holds every check, on every node, and passes", async () => {
  const report = await verify(wanted, replay);
  assert.deepEqual(named(report.checks), everyCheck(wanted));
  assert.ok(report.passed);
});
