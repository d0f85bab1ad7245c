import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, beforeEach, test } from "node:test";
import { parseAllDocuments } from "yaml";
import { goYaml } from "../../node-config/go-yaml";
import { untilSucceeds } from "../../tools/lab/until";
import { calicoFiles } from "../../tools/supply/calico-files";
import { type ControlPlane, startControlPlane } from "./control-plane";
import { type NodeScripts, nodeScripts } from "./node-scripts";

/** Three nodes on which calico-node is Ready, each with a block of pods' addresses; what BIRD says is a file of each. */
const nodes = { cp1: "10.20.0.31", cp2: "10.20.0.32", worker1: "10.20.0.41" } as const;
type Node = keyof typeof nodes;
const names = Object.keys(nodes) as Node[];
const blockOf = (node: Node) => `10.244.${names.indexOf(node)}.0/26`;

let controlPlane: ControlPlane;
let scripts: NodeScripts;
let birds: string;

before(async () => {
  controlPlane = await startControlPlane();
  scripts = await nodeScripts(controlPlane);
  birds = await mkdtemp(join(tmpdir(), "kjerne-birds-"));
  await scripts.put(
    "kubectl",
    `#!/usr/bin/env bash
if [[ $1 == exec ]]; then exec cat "${birds}/$4-\${*: -1}"; fi
exec ${controlPlane.binDirectory}/kubectl "$@"
`,
  );
  const kinds = parseAllDocuments(await readFile((await calicoFiles()).manifest, "utf8"), goYaml);
  const affinities = "blockaffinities.crd.projectcalico.org";
  await create(kinds.map((document) => document.toJS()).find((one) => one?.metadata?.name === affinities));
  await controlPlane.kubectl(["wait", "--for", "condition=Established", `customresourcedefinition/${affinities}`]);
  for (const node of names) await makeNode(node);
});
after(async () => {
  await controlPlane.stop();
  await scripts.remove();
  await rm(birds, { recursive: true });
});

/** No kubelet tells the cluster that these nodes live, so it gives them up after 50 s. */
beforeEach(() => Promise.all(names.map((node) => ready("node", node))));

const create = (object: object) => controlPlane.kubectl(["create", "--filename", "-"], JSON.stringify(object));
const ready = (kind: string, name: string) =>
  controlPlane.kubectl([
    ...["patch", kind, name, "--namespace", "kube-system", "--subresource", "status", "--type", "merge", "--patch"],
    JSON.stringify({
      status: { conditions: [{ type: "Ready", status: "True", lastHeartbeatTime: new Date().toISOString() }] },
    }),
  ]);

async function makeNode(node: Node) {
  const annotations = { "projectcalico.org/IPv4Address": `${nodes[node]}/24` };
  await create({ apiVersion: "v1", kind: "Node", metadata: { name: node, annotations } });
  await ready("node", node);
  const pod = { name: `calico-node-${node}`, namespace: "kube-system", labels: { "k8s-app": "calico-node" } };
  const spec = {
    nodeName: node,
    containers: [{ name: "calico-node", image: "none" }],
    tolerations: [{ operator: "Exists" }],
  };
  await create({ apiVersion: "v1", kind: "Pod", metadata: pod, spec });
  await ready("pod", pod.name);
  const block = { node, cidr: blockOf(node), state: "confirmed", deleted: "false" };
  await create({
    apiVersion: "crd.projectcalico.org/v1",
    kind: "BlockAffinity",
    metadata: { name: node },
    spec: block,
  });
  await says(node, {});
}

/** What BIRD of a node says: sessions of a kind with others, and the blocks to which its session with a reflector leads. */
async function says(node: Node, sessions: Partial<Record<Node, "Mesh" | "Node">>, blocks: readonly Node[] = []) {
  const lines = Object.entries(sessions).map(([other, kind]) => {
    const name = `${kind}_${nodes[other as Node].replaceAll(".", "_")}`;
    return `${name} BGP      master   up     04:34:27    Established`;
  });
  await writeFile(
    join(birds, `calico-node-${node}-protocols`),
    ["name     proto", "static1  Static   master up", ...lines, ""].join("\n"),
  );
  const routes = blocks.map((one) => `${blockOf(one)}   via ${nodes[one]} on eth0 [Node * (100/0) [i]`).join("\n");
  for (const other of names)
    await writeFile(join(birds, `calico-node-${node}-Node_${nodes[other].replaceAll(".", "_")}`), `${routes}\n`);
}
const everybody = (node: Node, kind: "Mesh" | "Node") =>
  Object.fromEntries(names.filter((one) => one !== node).map((one) => [one, kind]));

async function reflecting(): Promise<Record<string, string>> {
  const { items } = JSON.parse(await controlPlane.kubectl(["get", "nodes", "--output", "json"]));
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
  const run = scripts.run("kubeadm/reflect.sh", "create", facts("cp1", "cp2"));
  const seen = async (expected: object) => assert.deepEqual(await reflecting(), expected);
  await untilSucceeds("the first reflector", 20, () => seen({ cp1: "244.0.0.1" }));

  for (const node of names) await says(node, everybody(node, "Node"));
  await new Promise((resolve) => setTimeout(resolve, 3000));
  await seen({ cp1: "244.0.0.1" });

  for (const node of names) await says(node, everybody(node, "Node"), names);
  await run;
  await seen({ cp1: "244.0.0.1", cp2: "244.0.0.1" });
});

test("another run changes nothing, and one that names another reflector lets that begin before one ceases", async () => {
  await scripts.run("kubeadm/reflect.sh", "update", facts("cp1", "cp2"));
  await scripts.run("kubeadm/reflect.sh", "update", facts("cp2", "worker1"));
  assert.deepEqual(Object.keys(await reflecting()), ["cp2", "worker1"]);
});

test("none ceases before the mesh of the others stands, and all have ceased when it does", async () => {
  await scripts.run("kubeadm/reflect.sh", "update", facts("cp1"));
  await says("worker1", { cp1: "Node" });
  const run = scripts.run("kubeadm/reflect.sh", "delete", facts("cp1"));
  await new Promise((resolve) => setTimeout(resolve, 3000));
  assert.deepEqual(Object.keys(await reflecting()), ["cp1"]);
  for (const node of names) await says(node, everybody(node, "Mesh"));
  await run;
  assert.deepEqual(await reflecting(), {});
});

test("where no reflector runs, the run stops, so that the mesh goes on", async () => {
  await controlPlane.kubectl([
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
    scripts.run("kubeadm/reflect.sh", "create", facts("cp1")),
    /none of cp1 is Ready with calico-node, so nobody would reflect\. The mesh of nodes goes on\. Name nodes that run/,
  );
});

test("in a cluster where no calico-node runs yet, nodes are marked and nobody waits", async () => {
  await controlPlane.kubectl([
    "delete",
    "pods",
    "--all",
    "--namespace",
    "kube-system",
    "--grace-period",
    "0",
    "--force",
  ]);
  await scripts.run("kubeadm/reflect.sh", "create", facts("cp1", "cp2"));
  assert.deepEqual(Object.keys(await reflecting()), ["cp1", "cp2"]);
});
