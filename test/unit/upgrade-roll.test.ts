import assert from "node:assert/strict";
import { test } from "node:test";
import type { UpgradeFacts } from "../../components/upgrade/plan";
import { type RollArgs, roll } from "../../components/upgrade/roll";
import { type Run, UnreachableError } from "../../components/verify/run";

const facts: UpgradeFacts = {
  version: "1.36.3",
  nodes: [
    { name: "cp1", role: "control-plane" },
    { name: "cp2", role: "control-plane" },
    { name: "worker1", role: "worker" },
  ],
  ...{ workersAtOnce: 1, drainMinutes: 7, backup: "taken" },
};
const args: RollArgs = {
  facts,
  software: {
    "control-plane": { packages: ["kubelet=1.36.3-1", "age"], images: {} },
    worker: { packages: ["kubelet=1.36.3-1"], images: {} },
  },
  configurations: { cp1: "of cp1", cp2: "of cp2", worker1: "of worker1" },
  from: { sources: "Types: deb\n" },
};

const observed = (kubelets: Record<string, string>, apiServer = "1.35.4") =>
  JSON.stringify({
    ...{ cluster: true, apiServer, answers: true, etcd: true, proxyIsHeld: false, budgets: [], removed: [] },
    nodes: Object.entries(kubelets).map(([name, kubelet]) => ({
      name,
      kubelet,
      runtime: "2.3.7",
      ready: true,
      changing: false,
    })),
  });
const old = { cp1: "1.35.4", cp2: "1.35.4", worker1: "1.35.4" };

/** Rolls, and gives what was done to which machine. `fails`: a machine and step whose script fails. */
async function rolled({
  observe = async () => observed(old),
  fails = "",
  given = args,
  bootSeconds = 0,
}: {
  observe?: Run;
  fails?: string;
  given?: RollArgs;
  bootSeconds?: number;
} = {}) {
  const done: string[] = [];
  const inputs: Record<string, unknown>[] = [];
  const change: Run = async (node, script, stdin) => {
    const input = JSON.parse(stdin || "{}");
    const what = `${node}: ${script} ${input.step ?? ""} ${input.name ?? input.part ?? ""}`.trim();
    if (node === "worker2") await new Promise(setImmediate); // it is later than the others
    done.push(what);
    inputs.push(input);
    if (what === fails) throw new Error(`${script} on ${node}: no space left on device`);
    return "";
  };
  const error = await roll(given, { run: observe, change, bootSeconds, pauseSeconds: 0.01, say: () => {} }).then(
    () => undefined,
    (reason: Error) => reason.message,
  );
  return { done, inputs, error };
}

test("etcd is backed up and everything fetched before the first node is drained, then each node leaves, changes and returns", async () => {
  const { done, inputs } = await rolled();
  assert.deepEqual(done, [
    "cp1: kubeadm/back-up.sh",
    "cp1: upgrade/change.sh fetch first",
    "cp2: upgrade/change.sh fetch control-plane",
    "worker1: upgrade/change.sh fetch worker",
    "cp2: upgrade/make-room.sh leave cp1",
    "cp1: upgrade/change.sh change first",
    "cp2: upgrade/make-room.sh return cp1",
    "cp1: upgrade/make-room.sh leave cp2",
    "cp2: upgrade/change.sh change control-plane",
    "cp1: upgrade/make-room.sh return cp2",
    "cp1: upgrade/make-room.sh leave worker1",
    "worker1: upgrade/change.sh change worker",
    "cp1: upgrade/make-room.sh return worker1",
  ]);
  const { configuration, packages, sources } = inputs[5] as Record<string, unknown>;
  assert.deepEqual(
    { configuration, packages, sources },
    { configuration: "of cp1", packages: ["kubelet=1.36.3-1", "age"], sources: "Types: deb\n" },
  );
  const note = "kjerne.io/changing";
  assert.deepEqual(inputs[4], { name: "cp1", step: "leave", note, minutes: 7, kubelet: "v1.36.3", runtime: "" });
});

test("what can't be fetched stops it before any node is drained, with every node that lacks it", async () => {
  const { done, error } = await rolled({ fails: "worker1: upgrade/change.sh fetch worker" });
  assert.equal(done.filter((one) => one.includes("make-room")).length, 0);
  assert.match(
    error ?? "",
    /nothing was changed on any node.*: upgrade\/change\.sh on worker1: no space left on device/,
  );
});

test("a node that fails is the last one that is touched", async () => {
  const { done, error } = await rolled({ fails: "cp1: upgrade/change.sh change first" });
  assert.equal(done.at(-1), "cp1: upgrade/change.sh change first");
  assert.match(error ?? "", /cp1 stays cordoned.*pulumi up goes on with it/s);
});

test("of workers that are changed at the same time, one that fails lets the others come to their end", async () => {
  const more = { ...facts, nodes: [...facts.nodes, { name: "worker2", role: "worker" as const }], workersAtOnce: 2 };
  const nodes = { cp1: "1.36.3", cp2: "1.36.3", worker1: "1.35.4", worker2: "1.35.4" };
  const observe: Run = async () => observed(nodes, "1.36.3");
  const given = { ...args, facts: more };
  const { done, error } = await rolled({ observe, given, fails: "worker1: upgrade/change.sh change worker" });
  assert.equal(done.at(-1), "cp1: upgrade/make-room.sh return worker2");
  assert.match(error ?? "", /worker1 stays cordoned/);
});

test("a control plane that is still to join is asked for nothing, and the first one in the cluster leads", async () => {
  const observe: Run = async (node) =>
    node === "cp1" ? JSON.stringify({ cluster: false }) : observed({ cp2: "1.35.4", worker1: "1.35.4" });
  const { done, error } = await rolled({ observe });
  assert.equal(error, undefined);
  assert.ok(done.includes("cp2: upgrade/change.sh change first"), done.join("\n"));
  assert.deepEqual(
    done.filter((one) => one.startsWith("cp1")),
    [],
  );
});

test("a refused upgrade changes nothing, and says all reasons", async () => {
  const given = { ...args, facts: { ...facts, version: "1.37.0", backup: "missing" as const } };
  const { done, error } = await rolled({ given });
  assert.deepEqual(done, []);
  assert.match(error ?? "", /nothing was changed.*go to 1\.36 first.*there is no backup/s);
});

test("where every node has what is wanted, no machine is changed and no worker asked", async () => {
  const asked: string[] = [];
  const observe: Run = async (node) => {
    asked.push(node);
    return observed({ cp1: "1.36.3", cp2: "1.36.3", worker1: "1.36.3" }, "1.36.3");
  };
  assert.deepEqual(await rolled({ observe }), { done: [], inputs: [], error: undefined });
  assert.deepEqual(asked, ["cp1", "cp2"]);
});

test("where no control plane answers, nothing is done and it is said", async () => {
  const observe: Run = async (node) => {
    throw new UnreachableError(`${node} is down`);
  };
  const { done, error } = await rolled({ observe });
  assert.deepEqual(done, []);
  assert.match(error ?? "", /no control plane answers, .*: cp1 is down; cp2 is down/);
});

test("control planes of a new cluster, which still boot, are waited for; one that answers is enough", async () => {
  let asked = 0;
  const observe: Run = async (node) => {
    asked += 1;
    if (asked < 6 || node === "cp2") throw new UnreachableError(`${node}: No route to host`);
    return JSON.stringify({ cluster: false });
  };
  assert.deepEqual(await rolled({ observe, bootSeconds: 60 }), { done: [], inputs: [], error: undefined });
});
