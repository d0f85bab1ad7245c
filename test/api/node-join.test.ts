import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { untilSucceeds } from "../../tools/lab/until";
import { run } from "../../tools/run";
import { type ControlPlane, startControlPlane } from "./control-plane";
import { type NodeScripts, nodeScripts } from "./node-scripts";

let controlPlane: ControlPlane;
let scripts: NodeScripts;
before(async () => {
  controlPlane = await startControlPlane();
  scripts = await nodeScripts(controlPlane);
});
after(async () => {
  await controlPlane.stop();
  await scripts.remove();
});

interface Joining {
  readonly name: string;
  readonly instance: string;
  readonly token: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly taints?: readonly object[];
  readonly asNumber?: number;
}
const cp2 = { name: "cp2", instance: "2-first", token: "abcdef.0123456789abcdef" };
const cp3 = { name: "cp3", instance: "3-first", token: "ghijkl.0123456789abcdef" };

/** Runs admit.sh for one node as the control plane cp1 does. */
function admit(node: Joining, action: "create" | "update" | "delete" = "create"): Promise<string> {
  const rest = { through: "cp1", address: "10.20.0.9", certificates: "", labels: {}, taints: [] };
  return scripts.run("kubeadm/admit.sh", action, { ...rest, ...node });
}
const dismiss = (node: Joining) => admit(node, "delete");

/** Runs missing-nodes.sh, as each run of the engine begins. */
async function begin(): Promise<string> {
  const { binDirectory, kubeconfig } = controlPlane;
  const env = { ...process.env, KUBECONFIG: kubeconfig, PATH: `${binDirectory}:${process.env.PATH}` };
  return run("bash", [join(__dirname, "../../node-config/verify/missing-nodes.sh")], { env });
}

/** Plays `kubeadm join`: waits for the node's bootstrap token and registers the node. */
async function registerNode({ name, token }: Joining): Promise<void> {
  const secret = `bootstrap-token-${token.split(".")[0]}`;
  await untilSucceeds(`the token of ${name}`, 30, () => get("secret", secret, "--namespace", "kube-system"));
  const node = { apiVersion: "v1", kind: "Node", metadata: { name } };
  await untilSucceeds(name, 30, () => controlPlane.kubectl(["create", "--filename", "-"], JSON.stringify(node)));
}

const get = async (...args: string[]) => JSON.parse(await controlPlane.kubectl(["get", ...args, "--output", "json"]));
const nodes = async () =>
  (await get("nodes")).items.map(({ metadata: { name, annotations } }: { metadata: Metadata }) => [
    name,
    annotations["kjerne.io/instance"],
  ]);
interface Metadata {
  readonly name: string;
  readonly annotations: Readonly<Record<string, string>>;
}

async function members(): Promise<(string | undefined)[]> {
  const [program, ...args] = controlPlane.etcdctl;
  const rows = (await run(program, [...args, "member", "list"])).trim().split("\n");
  return rows.map((row) => row.split(", ")[2]).sort();
}

async function memberStarted(name: string): Promise<void> {
  await controlPlane.addMember(name);
  await untilSucceeds(`${name} in etcd`, 30, async () => assert.ok((await members()).includes(name)));
}

test("nodes join with their own bootstrap tokens, which are deleted once they have joined", async () => {
  await Promise.all([admit(cp2), admit(cp3), registerNode(cp2), registerNode(cp3)]);
  assert.deepEqual(await nodes(), [
    ["cp2", "2-first"],
    ["cp3", "3-first"],
  ]);
  const { items } = await get("secrets", "--namespace", "kube-system");
  const tokens = items.filter(({ type }: { type: string }) => type === "bootstrap.kubernetes.io/token");
  assert.deepEqual(tokens, []);
  assert.deepEqual((await get("configmap", "kjerne-nodes", "--namespace", "kube-system")).data, {
    cp2: "10.20.0.9",
    cp3: "10.20.0.9",
  });
});

test("a node that has joined stays in the cluster without a new token", async () => {
  assert.match(await admit(cp2, "update"), /admitted cp2/);
});

test("labels and taints are what the settings say, and somebody else's stay", async () => {
  const of = async () => {
    const { metadata, spec } = await get("node", "cp2");
    const { rack, mine } = metadata.labels ?? {};
    return { rack, mine, taints: (spec.taints ?? []).map(({ key }: { key: string }) => key).sort() };
  };
  const theirs = { spec: { taints: [{ key: "theirs", effect: "NoSchedule" }] }, metadata: { labels: { mine: "no" } } };
  await controlPlane.kubectl(["patch", "node", "cp2", "--type=merge", "--patch", JSON.stringify(theirs)]);
  const dedicated = [{ key: "dedicated", value: "yes", effect: "NoSchedule" }];
  await admit({ ...cp2, labels: { rack: "a" }, taints: dedicated }, "update");
  assert.deepEqual(await of(), { rack: "a", mine: "no", taints: ["dedicated", "theirs"] });
  await controlPlane.kubectl(["label", "node", "cp2", "rack=b", "--overwrite"]);
  await admit({ ...cp2, labels: { rack: "a" }, taints: dedicated }, "update");
  assert.equal((await of()).rack, "a");
  await admit(cp2, "update");
  assert.deepEqual(await of(), { rack: undefined, mine: "no", taints: ["theirs"] });
});

test("a node without routes to its pods is missing until it takes pods, and its admission keeps the taint", async () => {
  const unseen = { key: "kjerne.io/routes-not-seen", effect: "NoSchedule" };
  const taint = (taints: readonly object[]) =>
    controlPlane.kubectl(["patch", "node", "cp2", "--type=merge", "--patch", JSON.stringify({ spec: { taints } })]);
  await taint([unseen]);
  await admit(cp2, "update");
  assert.deepEqual((await get("node", "cp2")).spec.taints, [unseen]);
  assert.deepEqual(JSON.parse(await begin()), ["cp2"]);
  await taint([]);
  assert.deepEqual(JSON.parse(await begin()), []);
});

test("Calico finds the autonomous system of a node's rack on the Node, and no longer once the settings name none", async () => {
  const of = async () => (await get("node", "cp2")).metadata.annotations["projectcalico.org/ASNumber"];
  await admit({ ...cp2, asNumber: 64601 }, "update");
  assert.equal(await of(), "64601");
  await admit(cp2, "update");
  assert.equal(await of(), undefined);
});

test("a Node that somebody deleted is admitted again as soon as it registers", async () => {
  await controlPlane.kubectl(["delete", "node", "cp2"]);
  await Promise.all([admit(cp2, "update"), registerNode(cp2)]);
  assert.deepEqual(await nodes(), [
    ["cp2", "2-first"],
    ["cp3", "3-first"],
  ]);
});

test("a recreated machine joins again after its old Node and its etcd member were removed", async () => {
  await memberStarted("cp2");
  const recreated = { ...cp2, instance: "2-second" };
  await Promise.all([admit(recreated, "update"), registerNode(recreated)]);
  assert.deepEqual(await nodes(), [
    ["cp2", "2-second"],
    ["cp3", "3-first"],
  ]);
  assert.deepEqual(await members(), ["default"]);
});

test("a machine that was made anew stays when the one before it is dismissed late", async () => {
  assert.match(await dismiss(cp2), /cp2 is another machine by now/);
  assert.deepEqual(await nodes(), [
    ["cp2", "2-second"],
    ["cp3", "3-first"],
  ]);
});

test("a node that leaves is gone from the cluster and from etcd, down or not, and no other is touched", async () => {
  await memberStarted("cp3");
  assert.match(await dismiss(cp3), /cp3 has left/);
  assert.deepEqual(await nodes(), [["cp2", "2-second"]]);
  assert.deepEqual(await members(), ["default"]);
  assert.deepEqual((await get("configmap", "kjerne-nodes", "--namespace", "kube-system")).data, { cp2: "10.20.0.9" });
  assert.match(await dismiss(cp3), /cp3 has left/, "again");
});

test("of two control planes that one run takes out, the second stays until the next run", async () => {
  const cp4 = { name: "cp4", instance: "4-first", token: "mnopqr.0123456789abcdef" };
  const cp5 = { name: "cp5", instance: "5-first", token: "stuvwx.0123456789abcdef" };
  await begin();
  await Promise.all([admit(cp4), admit(cp5), registerNode(cp4), registerNode(cp5)]);
  await memberStarted("cp4");
  assert.match(await dismiss(cp4), /cp4 has left/);
  await memberStarted("cp5");
  await assert.rejects(dismiss(cp5), /control plane cp4 has left in this run, and cp5 stays in the cluster/);
  assert.ok((await nodes()).some(([name]: string[]) => name === "cp5"));
  assert.deepEqual(await members(), ["cp5", "default"]);
  await begin();
  assert.match(await dismiss(cp5), /cp5 has left/);
  assert.deepEqual(await members(), ["default"]);
});

test("the first control plane, which has started its cluster from a backup on a fresh machine, stays a member of it", async () => {
  await memberStarted("cp1");
  const lost = { name: "cp1", annotations: { "kjerne.io/instance": "1-lost" } };
  const node = { apiVersion: "v1", kind: "Node", metadata: lost };
  await controlPlane.kubectl(["create", "--filename", "-"], JSON.stringify(node));
  const { uid } = (await get("node", "cp1")).metadata;
  await admit({ name: "cp1", instance: "1-fresh", token: "" }, "update");
  const { metadata } = await get("node", "cp1");
  assert.deepEqual([metadata.uid, metadata.annotations["kjerne.io/instance"]], [uid, "1-fresh"]);
  assert.deepEqual(await members(), ["cp1", "default"]);
});
