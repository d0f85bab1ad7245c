import assert from "node:assert/strict";
import { readFile, rm, writeFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { cutInTurn, cutting, trap } from "../tools/power-cut";
import { type ControlPlane, startControlPlane } from "./control-plane";
import { type NodeScripts, nodeScripts } from "./node-scripts";

let controlPlane: ControlPlane;
let scripts: NodeScripts;
let trapFile: string;
let log: string;
before(async () => {
  controlPlane = await startControlPlane();
  scripts = await nodeScripts(controlPlane);
  trapFile = await scripts.put("trap", trap);
  log = await scripts.put("log", "");
});
after(async () => {
  await controlPlane.stop();
  await scripts.remove();
});

const kubectl = (...args: string[]) => controlPlane.kubectl(args);
const create = (object: object) => controlPlane.kubectl(["create", "--filename", "-"], JSON.stringify(object));
const node = (more: object = {}) => create({ apiVersion: "v1", kind: "Node", metadata: { name: "worker1", ...more } });
const worker1 = {
  ...{ through: "cp1", name: "worker1", address: "10.20.0.41", instance: "1-first", token: "abcdef.0123456789abcdef" },
  ...{ certificates: "", labels: { rack: "a" }, taints: [{ key: "dedicated", value: "yes", effect: "NoSchedule" }] },
};

/** What kjerne keeps of the Node, who may have certificates, and tokens. */
async function seen(): Promise<string> {
  const inSystem = ["--namespace", "kube-system", "--ignore-not-found"];
  const tokens = ["--field-selector", "type=bootstrap.kubernetes.io/token", "--output", "name"];
  return JSON.stringify([
    JSON.parse(await kubectl("get", "nodes", "--output", "json")).items.map(ownPartOf),
    await kubectl("get", "configmap", "kjerne-nodes", ...inSystem, "--output", "jsonpath={.data}"),
    await kubectl("get", "secrets", ...inSystem, ...tokens),
  ]);
}
interface Node {
  readonly metadata: { readonly labels?: object; readonly annotations?: object };
  readonly spec: { readonly unschedulable?: boolean; readonly taints?: readonly { readonly key: string }[] };
}
function ownPartOf({ metadata: { labels, annotations = {} }, spec: { unschedulable, taints = [] } }: Node) {
  const own = Object.entries(annotations).filter(([key]) => key.startsWith("kjerne.io/"));
  return [labels, own, unschedulable, taints.filter(({ key }) => !key.startsWith("node.kubernetes.io/"))];
}

const cut = (script: string, action: string, stdin: object, before: () => Promise<unknown>) =>
  cutInTurn({
    reset: async () => {
      await kubectl("delete", "node", "worker1", "--ignore-not-found");
      await kubectl("delete", "configmap", "kjerne-nodes", "--namespace", "kube-system", "--ignore-not-found");
      await kubectl(
        "delete",
        "secrets",
        "--namespace",
        "kube-system",
        "--field-selector",
        "type=bootstrap.kubernetes.io/token",
      );
      await writeFile(log, "");
      await before();
    },
    run: (cut) =>
      scripts.run(
        script,
        action,
        stdin,
        cut ? cutting(trapFile, log, "kubectl *|until_answered *|declare *|any_etcdctl *") : [],
      ),
    log: () => readFile(log, "utf8"),
    seen,
  });

test("admit.sh that is killed before any of its calls admits the same node when it runs again", async () => {
  assert.ok((await cut("kubeadm/admit.sh", "create", worker1, () => node())) > 8);
});

test("admit.sh that is killed before any of its calls lets the node go when it runs again", async () => {
  const admitted = async () => {
    await node();
    await scripts.run("kubeadm/admit.sh", "create", worker1);
  };
  assert.ok((await cut("kubeadm/admit.sh", "delete", worker1, admitted)) > 5);
});

test("reflect.sh that is killed before any of its calls makes the node a reflector when it runs again", async () => {
  const facts = { reflectors: ["worker1"], clusterId: "244.0.0.1" };
  assert.ok((await cut("kubeadm/reflect.sh", "create", facts, () => node())) > 2);
});

const room = { name: "worker1", note: "kjerne.io/changing-proxy", minutes: 1, kubelet: "", runtime: "" };
for (const cordoned of [true, false]) {
  test(`make-room.sh (${cordoned ? "a cordoned node" : "a node"}) that is killed before any of its calls drains it when it runs again`, async () => {
    const before = async () => {
      await node();
      if (cordoned) await kubectl("cordon", "worker1");
    };
    assert.ok((await cut("upgrade/make-room.sh", "create", { ...room, step: "leave" }, before)) > 2);
  });
}

test("a token that expired before its node had joined is told, and valid again in the next run", async () => {
  await kubectl("delete", "node", "worker1", "--ignore-not-found");
  const impatient = await scripts.put(
    "kubectl",
    `#!/usr/bin/env bash\nexec ${controlPlane.binDirectory}/kubectl "\${@/#30m/1s}"\n`,
  );
  const told = /worker1 did not join within 30 minutes, and its token is void: its own step worker1-join says why/;
  await assert.rejects(scripts.run("kubeadm/admit.sh", "create", worker1), told);
  assert.doesNotMatch(await seen(), /bootstrap-token/);
  await rm(impatient);
  const admitted = scripts.run("kubeadm/admit.sh", "create", worker1);
  await node();
  assert.match(await admitted, /admitted worker1/);
});
