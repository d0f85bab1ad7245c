import assert from "node:assert/strict";
import { test } from "node:test";
import { clock } from "../../components/verify/clock-checks";
import { clusterFailures } from "./verify/cluster-failures";
import { nodeFailures } from "./verify/failures";
import { checksOf, edited, healthy, wanted } from "./verify/healthy";

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

test("of two clocks that differ both nodes are named, of more only the one that differs from most", () => {
  const three = {
    ...wanted,
    nodes: [...wanted.nodes, { name: "worker2", role: "worker", address: "10.77.0.22" } as const],
  };
  const own = (secondsAhead: number, of = wanted) =>
    checksOf(healthy, { ...of, clockSeconds: 3 }, "cp1", secondsAhead).find(({ id }) => id === "clock");
  assert.match(own(4)?.found ?? "", /^[34]\.\d s behind worker1's$/);
  assert.match(own(-4, three)?.found ?? "", /^\S+ s ahead of worker1's; \S+ s ahead of worker2's$/);
  assert.ok(own(2)?.passed);
});

test("clocks that can't be told apart, since ssh took longer than they differ, pass", () => {
  const slow = new Map([["cp1", { value: { least: -9, most: 1.5 } }]]);
  assert.ok(clock("cp1", 1, slow).passed);
});

test("a node that is lost is named once, and not again by each pod of the system that it has", () => {
  const lost = edited("nodes", /("worker1","ready":)true/, "$1false");
  const pods = edited("pods", /("node":"worker1","phase":"Running","ready":)true/g, "$1false");
  const failed = checksOf({ ...lost, ...{ pods: pods.pods as (typeof pods)[string] } }).filter(({ passed }) => !passed);
  assert.deepEqual(
    failed.map(({ id }) => id),
    ["nodes-ready"],
  );
});
