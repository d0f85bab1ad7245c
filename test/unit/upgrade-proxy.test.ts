import assert from "node:assert/strict";
import { test } from "node:test";
import { moveProxy } from "../../components/upgrade/proxy";
import type { Run } from "../../components/verify/run";

const nodes = [
  ...["cp1", "cp2"].map((name) => ({ name, role: "control-plane" as const })),
  ...["worker1", "worker2", "worker3"].map((name) => ({ name, role: "worker" as const })),
];
const args = { nodes, mode: "nftables" as const, configuration: "kind: X\n", workersAtOnce: 2, drainMinutes: 7 };

/** A cluster whose nodes run IPVS, but for what is said of one. */
const cluster = (of: Record<string, object> = {}, more: object = {}) =>
  JSON.stringify({
    ...{ cluster: true, apiServer: "1.36.3", answers: true, etcd: true, proxyIsHeld: false, budgets: [], removed: [] },
    nodes: nodes.map(({ name }) => ({
      ...{ name, kubelet: "1.36.3", runtime: "2.3.7", proxy: "ipvs", ready: true },
      ...{ changing: false, changingProxy: false, ...of[name] },
    })),
    ...more,
  });

/** Moves kube-proxy, and gives what was done to which machine. `fails`: a machine and step whose script fails. */
async function moved(observe: Run, fails = "") {
  const done: string[] = [];
  const change: Run = async (node, script, stdin) => {
    const { step = "", name = "" } = stdin.startsWith("{") ? JSON.parse(stdin) : {};
    const what = `${node}: ${script} ${step} ${name}`.trim();
    done.push(what);
    if (what === fails) throw new Error(`${script} on ${node}: no such module`);
    return "";
  };
  const options = { run: observe, change, bootSeconds: 0, pauseSeconds: 0.01, say: () => {} };
  const error = await moveProxy(args, options).then(
    () => "",
    ({ message }: Error) => message,
  );
  return { done, error };
}

test("every kernel is asked before kube-proxy is held, then each node goes over without pods: control planes one by one", async () => {
  const { done, error } = await moved(async () => cluster({ worker3: { proxy: "nftables" } }));
  assert.equal(error, "");
  const there = (name: string, through: string) => [
    `${through}: upgrade/make-room.sh leave ${name}`,
    `${name}: upgrade/another-proxy.sh change ${name}`,
    `${through}: upgrade/make-room.sh return ${name}`,
  ];
  const due = ["cp1", "cp2", "worker1", "worker2"];
  assert.deepEqual(done.slice(0, 5), [
    ...due.map((name) => `${name}: upgrade/another-proxy.sh prepare ${name}`),
    "cp1: upgrade/hold-kube-proxy.sh",
  ]);
  assert.deepEqual(done.slice(5, 11), [...there("cp1", "cp2"), ...there("cp2", "cp1")]);
  assert.deepEqual(done.slice(11, -1).sort(), [...there("worker1", "cp1"), ...there("worker2", "cp1")].sort());
  assert.equal(done.at(-1), "cp1: kubeadm/kube-proxy.sh");
});

for (const [what, observed] of [
  ["that is still to be made", JSON.stringify({ cluster: false })],
  ["whose nodes have the mode", cluster(Object.fromEntries(nodes.map(({ name }) => [name, { proxy: "nftables" }])))],
  ["whose API server does not answer", JSON.stringify({ cluster: true, apiServer: "1.36.3", answers: false })],
] as const) {
  test(`on a cluster ${what} nothing is changed`, async () => {
    assert.deepEqual(await moved(async () => observed), { done: [], error: "" });
  });
}

test("a run that was cut off goes on with the node that it had begun, whatever runs there, and leaves those that are done", async () => {
  const done = { proxy: "nftables" };
  const begun = { ...done, changingProxy: true, ready: false };
  const { done: changed, error } = await moved(async () =>
    cluster({ cp1: done, cp2: begun, worker1: done, worker2: done }),
  );
  assert.equal(error, "");
  assert.deepEqual(
    changed.filter((one) => one.includes("another-proxy.sh change")),
    ["cp2: upgrade/another-proxy.sh change cp2", "worker3: upgrade/another-proxy.sh change worker3"],
  );
});

test("a run that was cut off after its last node, or back in the mode of before, lets kube-proxy's pods go", async () => {
  const all = Object.fromEntries(nodes.map(({ name }) => [name, { proxy: "nftables" }]));
  const { done } = await moved(async () => cluster(all, { proxyIsHeld: true }));
  assert.deepEqual(done, ["cp1: kubeadm/kube-proxy.sh"]);
});

test("a node without kube-proxy, which is still to join, is not due", async () => {
  const all = Object.fromEntries(nodes.map(({ name }) => [name, { proxy: "nftables" }]));
  assert.deepEqual((await moved(async () => cluster({ ...all, worker1: { proxy: "" } }))).done, []);
});

test("everything that stands in the way is said before any machine is changed", async () => {
  const { done, error } = await moved(async () => cluster({ worker2: { ready: false } }, { budgets: ["shop/till"] }));
  assert.deepEqual(done, []);
  assert.match(error, /keeps its mode.*node worker2 is not Ready.*PodDisruptionBudget shop\/till lets no pod go/s);
});

test("a kernel that lacks what the mode needs stops it before kube-proxy is held", async () => {
  const { done, error } = await moved(async () => cluster(), "worker1: upgrade/another-proxy.sh prepare worker1");
  assert.deepEqual(
    done.filter((one) => !one.includes("prepare")),
    [],
  );
  assert.match(error, /another-proxy\.sh on worker1: no such module/);
});

test("a node on which kube-proxy does not come up stays cordoned, and no other one is touched", async () => {
  const { done, error } = await moved(async () => cluster(), "cp1: upgrade/another-proxy.sh change cp1");
  assert.equal(done.at(-1), "cp1: upgrade/another-proxy.sh change cp1");
  assert.match(error, /cp1 stays cordoned and no other node is touched/);
});
