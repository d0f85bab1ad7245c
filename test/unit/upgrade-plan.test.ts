import assert from "node:assert/strict";
import { test } from "node:test";
import type { Answering, Observed } from "../../components/upgrade/observed";
import { planUpgrade, type UpgradeFacts } from "../../components/upgrade/plan";

const facts: UpgradeFacts = {
  version: "1.36.3",
  runtime: "2.3.7",
  nodes: [
    { name: "cp1", role: "control-plane" },
    { name: "cp2", role: "control-plane" },
    { name: "worker1", role: "worker" },
    { name: "worker2", role: "worker" },
    { name: "worker3", role: "worker" },
  ],
  workersAtOnce: 2,
  drainMinutes: 5,
  backup: "taken",
};

/** A cluster of these nodes, each with 1.35.4 unless said otherwise. */
function cluster(changes: Partial<Answering> = {}, nodes: Record<string, Partial<Answering["nodes"][number]>> = {}) {
  const observed: Answering = {
    ...{ cluster: true, apiServer: "1.35.4", answers: true, etcd: true, proxyIsHeld: false, budgets: [], removed: [] },
    nodes: facts.nodes.map(({ name }) => ({
      ...{ name, kubelet: "1.35.4", runtime: "2.3.7", proxy: "ipvs" as const, ready: true },
      ...{ changing: false, changingProxy: false },
      ...nodes[name],
    })),
    ...changes,
  };
  return { cp1: observed, cp2: observed };
}

test("control planes go one by one, then as many workers at a time as the settings say", () => {
  assert.deepEqual(planUpgrade(facts, cluster()), {
    steps: [["cp1"], ["cp2"], ["worker1", "worker2"], ["worker3"]],
    problems: [],
  });
});

test("an upgrade that was cut off goes on with the node that it had begun, and leaves those that are done", () => {
  const done = { kubelet: "1.36.3" };
  const nodes = { cp1: done, cp2: { ...done, changing: true, ready: false } };
  const { steps, problems } = planUpgrade(facts, {
    ...cluster({}, nodes),
    cp1: cluster({ apiServer: "1.36.3" }, nodes).cp1,
  });
  assert.deepEqual(steps, [["cp2"], ["worker1", "worker2"], ["worker3"]]);
  assert.deepEqual(problems, []);
});

test("another container runtime goes from node to node as well", () => {
  const nodes = Object.fromEntries(facts.nodes.map(({ name }) => [name, { kubelet: "1.36.3" }]));
  const { steps } = planUpgrade({ ...facts, runtime: "2.3.8" }, cluster({ apiServer: "1.36.3" }, nodes));
  assert.equal(steps.length, 4);
});

for (const [what, observed] of [
  ["that is still to be made", { cp1: { cluster: false }, cp2: { cluster: false } }],
  [
    "whose API server does not answer and has the version already",
    { cp1: { cluster: true, apiServer: "1.36.3", answers: false } },
  ],
  [
    "whose nodes have what is wanted",
    cluster(
      { apiServer: "1.36.3", budgets: ["shop/till"], etcd: false },
      Object.fromEntries(facts.nodes.map(({ name }) => [name, { kubelet: "1.36.3" }])),
    ),
  ],
] as const) {
  test(`a cluster ${what} has nothing to do, and nothing stands in its way`, () => {
    assert.deepEqual(planUpgrade(facts, observed as Record<string, Observed>), { steps: [], problems: [] });
  });
}

test("everything that stands in the way is said at once", () => {
  const removed = [
    { resource: "flowcontrol.apiserver.k8s.io/v1beta3 flowschemas", release: "1.36" },
    { resource: "example.io/v1 widgets", release: "1.40" },
  ];
  const observed = cluster({ etcd: false, budgets: ["shop/till"], removed }, { worker2: { ready: false } });
  const { problems } = planUpgrade({ ...facts, backup: "missing" }, { cp1: observed.cp1 });
  assert.deepEqual(
    problems.map((one) => one.split(/[:;]/)[0]),
    [
      "control plane cp2 does not answer",
      "node worker2 is not Ready",
      "not every member of etcd is healthy",
      "PodDisruptionBudget shop/till lets no pod go, so its node can't be drained",
      "somebody still asks for flowcontrol.apiserver.k8s.io/v1beta3 flowschemas (gone in 1.36)",
      "there is no backup of etcd",
    ],
  );
});

for (const [from, to, wayOut] of [
  ["1.34.2", "1.36.3", /from one minor to the next; go to 1\.35 first/],
  ["1.36.3", "1.35.4", /does not go back; put it to 1\.36\.3 or later/],
  ["1.36.3", "1.36.1", /does not go back; put it to 1\.36\.3 or later/],
] as const) {
  test(`from Kubernetes ${from} to ${to} is refused, with the way out`, () => {
    const { problems } = planUpgrade({ ...facts, version: to }, cluster({ apiServer: from }));
    assert.equal(problems.length, 1, problems.join("\n"));
    assert.match(problems[0] as string, wayOut);
  });
}

test("a new machine among the control planes is not missed before it has joined", () => {
  const { problems } = planUpgrade(facts, { cp1: cluster().cp1, cp2: { cluster: false } });
  assert.deepEqual(problems, []);
});
