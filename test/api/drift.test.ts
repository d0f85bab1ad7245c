import assert from "node:assert/strict";
import { rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { after, before, test } from "node:test";
import type { Drift } from "../../components/drift/machine-state";
import { pythonOf } from "../../components/machine/program-text";
import { renderInit, renderKubeProxy } from "../../node-config/kubeadm";
import { run } from "../../tools/run";
import { cp1, facts } from "../unit/cluster-samples";
import { type AsNode, asNode } from "./as-node";
import { type ControlPlane, startControlPlane } from "./control-plane";

let controlPlane: ControlPlane;
let node: AsNode;

before(async () => {
  controlPlane = await startControlPlane();
  node = await asNode(controlPlane);
  await run("cp", ["-a", join(dirname(controlPlane.kubeconfig), "pki"), node.at("kubernetes/pki")]);
  await writeFile(node.at("kubernetes/kjerne/kubeadm.yaml"), renderInit(facts, cp1));
  await writeFile(node.at("kjerne/control-plane"), "");
});
after(async () => {
  await controlPlane?.stop();
  await node?.remove();
});

const observe = async (): Promise<Drift> =>
  JSON.parse(
    await node.onNode(["python3", "-I", "-c", pythonOf("drift/observe.py")], '{"sets": {}, "container": true}'),
  );
/** Without what this machine is not: services run nowhere here. */
async function found(): Promise<Drift> {
  const all = Object.entries(await observe());
  return Object.fromEntries(all.filter(([what]) => !what.startsWith("service ")));
}
const putBack = (drift: Drift) => node.script("drift/put-back.sh", JSON.stringify({ drift, sets: [], writer: "" }));

test("kube-proxy's objects as they were applied, and kubeadm's certificates as it made them, are no drift", async () => {
  const proxy = { mode: "ipvs", scheduler: "rr", syncPeriodSeconds: 30, strictArp: false } as const;
  await node.script("kubeadm/kube-proxy.sh", renderKubeProxy(facts, cp1, { ...proxy, featureGates: {} }));
  assert.deepEqual(await found(), {});
});

test("another mode in kube-proxy's ConfigMap is found, and put back with a restart of its pods", async () => {
  const restarts = () => controlPlane.kubectl([...proxy, "jsonpath={.spec.template.metadata.annotations}"]);
  const proxy = ["--namespace", "kube-system", "get", "daemonset", "kube-proxy", "--output"];
  const config = await controlPlane.kubectl([
    ...["--namespace", "kube-system", "get", "configmap", "kube-proxy", "--output", "json"],
  ]);
  await controlPlane.kubectl(["replace", "--filename", "-"], config.replace("mode: ipvs", "mode: nftables"));
  const drift = await found();
  assert.deepEqual(drift, { "kube-proxy": { wanted: "mode: ipvs", found: "mode: nftables" } });
  assert.doesNotMatch(await restarts(), /restartedAt/);

  await putBack(drift);
  assert.deepEqual(await found(), {});
  assert.match(await restarts(), /restartedAt/);
});

test("a certificate that is gone, one with another's key and one of another authority are found and made anew", async () => {
  const pki = (name: string) => node.at(`kubernetes/pki/${name}`);
  await rm(pki("apiserver-kubelet-client.crt"));
  await run("cp", [pki("front-proxy-client.key"), pki("apiserver.key")]);
  await run("openssl", [
    ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", "/CN=mine"],
    ...["-keyout", pki("front-proxy-client.key"), "-out", pki("front-proxy-client.crt")],
  ]);
  const drift = await found();
  assert.deepEqual(Object.keys(drift).sort(), [
    "certificate apiserver",
    "certificate apiserver-kubelet-client",
    "certificate front-proxy-client",
  ]);

  await putBack(drift);
  assert.deepEqual(await found(), {});
});
