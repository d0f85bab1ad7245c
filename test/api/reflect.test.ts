import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { untilSucceeds } from "../../tools/lab/until";
import { type SpeakingCluster, speakingCluster } from "./speaking-cluster";

const nodes = { cp1: "10.20.0.31", cp2: "10.20.0.32", worker1: "10.20.0.41" } as const;
type Node = keyof typeof nodes;
const names = Object.keys(nodes) as Node[];

let cluster: SpeakingCluster;
before(async () => {
  cluster = await speakingCluster(nodes, names);
});
after(() => cluster.stop());
beforeEach(() => Promise.all(names.map((node) => cluster.speaking.ready("node", node))));

const everybody = (node: Node, kind: "Mesh" | "Node") =>
  Object.fromEntries(names.filter((one) => one !== node).map((one) => [one, kind]));

async function reflecting(): Promise<Record<string, string>> {
  const { items } = JSON.parse(await cluster.controlPlane.kubectl(["get", "nodes", "--output", "json"]));
  const marked = items.filter(
    (one: { metadata: { labels?: object } }) => "kjerne.io/route-reflector" in (one.metadata.labels ?? {}),
  );
  return Object.fromEntries(
    marked.map(({ metadata }: { metadata: { name: string; annotations: Record<string, string> } }) => [
      metadata.name,
      metadata.annotations["projectcalico.org/RouteReflectorClusterID"],
    ]),
  );
}
const facts = (...reflectors: readonly Node[]) => ({ reflectors, clusterId: "244.0.0.1" });

test("a node reflects once it has sessions with all and all have all routes by it, and only then the next one begins", async () => {
  const run = cluster.scripts.run("kubeadm/reflect.sh", "create", facts("cp1", "cp2"));
  const seen = async (expected: object) => assert.deepEqual(await reflecting(), expected);
  await untilSucceeds("the first reflector", 20, () => seen({ cp1: "244.0.0.1" }));

  for (const node of names) await cluster.speaking.says(node, everybody(node, "Node"));
  await new Promise((resolve) => setTimeout(resolve, 3000));
  await seen({ cp1: "244.0.0.1" });

  for (const node of names) await cluster.speaking.says(node, everybody(node, "Node"), names);
  await run;
  await seen({ cp1: "244.0.0.1", cp2: "244.0.0.1" });
});

test("another run changes nothing, and one that names another reflector lets that begin before one ceases", async () => {
  await cluster.scripts.run("kubeadm/reflect.sh", "update", facts("cp1", "cp2"));
  await cluster.scripts.run("kubeadm/reflect.sh", "update", facts("cp2", "worker1"));
  assert.deepEqual(Object.keys(await reflecting()), ["cp2", "worker1"]);
});

test("none ceases before the mesh of the others stands, and all have ceased when it does", async () => {
  await cluster.scripts.run("kubeadm/reflect.sh", "update", facts("cp1"));
  await cluster.speaking.says("worker1", { cp1: "Node" });
  const run = cluster.scripts.run("kubeadm/reflect.sh", "delete", facts("cp1"));
  await new Promise((resolve) => setTimeout(resolve, 3000));
  assert.deepEqual(Object.keys(await reflecting()), ["cp1"]);
  for (const node of names) await cluster.speaking.says(node, everybody(node, "Mesh"));
  await run;
  assert.deepEqual(await reflecting(), {});
});

test("where no reflector runs, the run stops, so that the mesh goes on", async () => {
  await cluster.controlPlane.kubectl([
    "delete",
    "pod",
    "calico-node-cp1",
    "--namespace",
    "kube-system",
    "--grace-period",
    "0",
    "--force",
  ]);
  await assert.rejects(
    cluster.scripts.run("kubeadm/reflect.sh", "create", facts("cp1")),
    /none of cp1 is Ready with calico-node, so nobody would reflect\. The mesh of nodes goes on\. Name nodes that run/,
  );
});

test("in a cluster where no calico-node runs yet, nodes are marked and nobody waits", async () => {
  await cluster.controlPlane.kubectl([
    "delete",
    "pods",
    "--all",
    "--namespace",
    "kube-system",
    "--grace-period",
    "0",
    "--force",
  ]);
  await cluster.scripts.run("kubeadm/reflect.sh", "create", facts("cp1", "cp2"));
  assert.deepEqual(Object.keys(await reflecting()), ["cp1", "cp2"]);
});
