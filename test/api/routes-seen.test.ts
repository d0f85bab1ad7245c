import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { after, before, beforeEach, test } from "node:test";
import { cutInTurn, cutting, trap } from "../tools/power-cut";
import { type SpeakingCluster, speakingCluster } from "./speaking-cluster";
import type { Session } from "./speaking-nodes";

/** The control plane that began takes pods; workers have joined. */
const addresses = {
  ...{ cp1: "10.20.0.31", worker1: "10.20.0.41", worker2: "10.20.0.42", router: "10.20.0.1", router2: "10.20.0.2" },
};
const nodes = ["cp1", "worker1", "worker2"];
const unseen = { key: "kjerne.io/routes-not-seen", effect: "NoSchedule" };
const theirs = { key: "theirs", effect: "PreferNoSchedule" };

let cluster: SpeakingCluster;
before(async () => {
  cluster = await speakingCluster(addresses, nodes);
});
after(() => cluster.stop());
beforeEach(async () => {
  await taint("cp1", []);
  await taint("worker1", [theirs, unseen]);
  await taint("worker2", []);
  for (const node of nodes) await stands(node);
  await cluster.speaking.asked();
});

const patch = (kind: string, name: string, change: object) =>
  cluster.controlPlane.kubectl(["patch", kind, name, "--type", "merge", "--patch", JSON.stringify(change)]);

async function taint(node: string, taints: readonly object[]): Promise<void> {
  await patch("node", node, { spec: { taints } });
  await cluster.speaking.ready("node", node);
}

/** Each node has sessions and routes, but for those with `without`. */
const stands = (node: string, without: readonly string[] = []) => {
  const others = nodes.filter((one) => one !== node && !without.includes(one));
  return cluster.speaking.says(node, sessions(...others), others);
};
const sessions = (...others: string[]) => Object.fromEntries(others.map((one) => [one, "Mesh"] as [string, Session]));

async function taints(node: string): Promise<readonly string[]> {
  const { spec } = JSON.parse(await cluster.controlPlane.kubectl(["get", "node", node, "--output", "json"]));
  const keys: string[] = (spec.taints ?? []).map(({ key }: { key: string }) => key);
  return keys.filter((key) => !key.startsWith("node.kubernetes.io/"));
}
const run = (seconds: number, before: readonly string[] = []) =>
  cluster.scripts.run("kubeadm/routes-seen.sh", "create", { seconds }, before);

test("a node takes pods once its sessions stand on both sides and routes lead both ways; other taints stay", async () => {
  const lacks = [
    ["worker1", sessions("worker2"), nodes, /worker1 takes no pods, .*worker1 has no session with cp1/],
    ["cp1", sessions("worker2"), nodes, /cp1 has no session with worker1/],
    ["worker1", sessions("cp1", "worker2"), ["worker2"], /worker1 has no route to 10\.244\.0\.0\/26 of cp1/],
    ["cp1", sessions("worker1", "worker2"), ["worker2"], /cp1 has no route to 10\.244\.1\.0\/26 of worker1/],
  ] as const;
  for (const [node, sessions, blocks, lacking] of lacks) {
    await stands("worker1");
    await stands("cp1");
    await cluster.speaking.says(node, sessions, blocks);
    await assert.rejects(run(0), lacking);
    assert.deepEqual(await taints("worker1"), ["theirs", unseen.key]);
  }
  const waiting = run(40);
  await stands("cp1");
  await stands("worker1");
  assert.match(await waiting, /all nodes take pods/);
  assert.deepEqual(await taints("worker1"), ["theirs"]);
});

test("a node that nobody sees keeps its taint and keeps no other, and the error says what it lacks and what to do", async () => {
  await taint("worker2", [unseen]);
  await stands("worker2", nodes);
  for (const node of ["cp1", "worker1"]) await stands(node, ["worker2"]);
  await assert.rejects(run(3), (error: Error) => {
    assert.match(
      error.message,
      /worker2 has no session with cp1; cp1 has no session with worker2; worker2 has no session/,
    );
    assert.match(
      error.message,
      /sudo kubectl describe node worker2; on worker2: sudo crictl .*; then run pulumi up again/,
    );
    assert.doesNotMatch(error.message, /worker1 takes no pods/);
    return true;
  });
  assert.deepEqual([await taints("worker1"), await taints("worker2")], [["theirs"], [unseen.key]]);
});

test("two nodes that see each other alone take no pods", async () => {
  await taint("worker2", [unseen]);
  await stands("cp1", nodes);
  for (const node of ["worker1", "worker2"]) await stands(node, ["cp1"]);
  await assert.rejects(run(0), /worker1 takes no pods.*\n.*worker2 takes no pods/);
});

test("a node that is not Ready, or without calico-node, is told so", async () => {
  await cluster.speaking.ready("node", "worker1", "False");
  await assert.rejects(run(0), /its routes: it is not Ready\./);
  await cluster.speaking.ready("node", "worker1");
  await cluster.speaking.ready("pod", "calico-node-worker1", "False");
  await assert.rejects(run(0), /its routes: calico-node there is not Ready\./);
  await cluster.speaking.ready("pod", "calico-node-worker1");
});

test("a BIRD that does not answer is told, the node's own and another one's", async () => {
  await cluster.speaking.says("worker1", null);
  await assert.rejects(run(0), /its routes: its BIRD does not answer\./);
  await stands("worker1");
  await cluster.speaking.says("cp1", null);
  await assert.rejects(run(0), /its routes: BIRD of cp1 does not answer\./);
});

test("another node that is down, or has no calico-node, keeps nobody", async () => {
  await cluster.speaking.ready("node", "worker2", "False");
  await cluster.speaking.ready("pod", "calico-node-cp1", "False");
  await stands("worker1", ["cp1", "worker2"]);
  await run(20);
  await cluster.speaking.ready("pod", "calico-node-cp1");
});

test("a router with which Calico has no session keeps the node, with its address", async () => {
  const routed = { ...sessions("cp1", "worker2"), router: "Global" } as const;
  await cluster.speaking.says("worker1", { ...routed, router2: "down" }, nodes);
  await assert.rejects(run(0), /its routes: worker1 has no session with the router 10\.20\.0\.2\./);
  await cluster.speaking.says("worker1", routed, nodes);
  await run(20);
});

test("with route reflectors it needs sessions with these alone, and one of them at least; and routes everywhere", async () => {
  const mesh = { metadata: { name: "default" }, spec: { nodeToNodeMeshEnabled: false } };
  await cluster.speaking.create({ apiVersion: "crd.projectcalico.org/v1", kind: "BGPConfiguration", ...mesh });
  await cluster.speaking.says("worker1", sessions("worker2"), nodes);
  await assert.rejects(run(0), /its routes: none of the route reflectors takes pods\./);
  await patch("node", "worker2", { metadata: { labels: { "kjerne.io/route-reflector": "true" } } });
  await cluster.speaking.says("cp1", sessions("worker2"), ["worker2"]);
  await assert.rejects(run(0), /its routes: cp1 has no route to 10\.244\.1\.0\/26 of worker1\./);
  await cluster.speaking.says("cp1", sessions("worker2"), nodes);
  await run(20);
  await patch("node", "worker2", { metadata: { labels: { "kjerne.io/route-reflector": null } } });
  await cluster.controlPlane.kubectl(["delete", "bgpconfigurations.crd.projectcalico.org", "default"]);
});

test("where no node has the taint, as in a cluster of an older release, no BIRD is asked", async () => {
  await taint("worker1", []);
  assert.match(await run(0), /all nodes take pods/);
  assert.deepEqual(await cluster.speaking.asked(), []);
});

test("two runs at once take off that taint and no other", async () => {
  await taint("worker2", [unseen]);
  await Promise.all([run(30), run(30)]);
  assert.deepEqual([await taints("worker1"), await taints("worker2")], [["theirs"], []]);
});

test("routes-seen.sh that is killed before any of its calls lets nodes take pods when it runs again", async () => {
  const trapFile = await cluster.scripts.put("trap", trap);
  const log = await cluster.scripts.put("log", "");
  const cuts = await cutInTurn({
    reset: async () => {
      await taint("worker1", [theirs, unseen]);
      await writeFile(log, "");
    },
    run: (cut) => run(20, cut ? cutting(trapFile, log, "kubectl *|nodes *|take_pods *|lacks*") : []),
    log: () => readFile(log, "utf8"),
    seen: async () => JSON.stringify(await taints("worker1")),
  });
  assert.ok(cuts > 4, `${cuts}`);
});

test("a block of addresses that any node may have made names no node and says nothing to a terminal", async () => {
  await taint("worker2", [unseen]);
  await stands("worker2", nodes);
  const forged = {
    ...{ apiVersion: "crd.projectcalico.org/v1", kind: "BlockAffinity", metadata: { name: "forged" } },
    spec: { node: "cp1", cidr: "10.1.0.0/26\nworker2\t\n\u001b[31m", state: "confirmed", deleted: "false" },
  };
  await cluster.controlPlane.kubectl(["apply", "--filename", "-"], JSON.stringify(forged));
  await assert.rejects(run(0), ({ message }: Error) => {
    assert.match(message, /worker2 takes no pods/);
    assert.ok(!message.includes("\u001b"), JSON.stringify(message));
    return true;
  });
  assert.deepEqual(await taints("worker2"), [unseen.key]);
  assert.deepEqual(await taints("worker1"), ["theirs"], "it has the routes that there are");
  await cluster.controlPlane.kubectl(["delete", "blockaffinities.crd.projectcalico.org", "forged"]);
});
