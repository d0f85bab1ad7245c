import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, test } from "node:test";
import type { Drift } from "../../components/drift/machine-state";
import { pythonOf, textOf } from "../../components/machine/runner";
import { renderInit, renderKubeProxy } from "../../node-config/kubeadm";
import { run } from "../../tools/run";
import { cp1, facts } from "../unit/cluster-samples";
import { type ControlPlane, startControlPlane } from "./control-plane";

/** A control plane's API server, and a directory that is its /etc/kubernetes and another its /var/lib/kjerne. */
let controlPlane: ControlPlane;
let directory: string;
const at = (path: string) => join(directory, path);

before(async () => {
  controlPlane = await startControlPlane();
  directory = await mkdtemp(join(tmpdir(), "kjerne-drift-"));
  for (const path of ["kubernetes/kjerne", "kjerne", "work"]) await mkdir(at(path), { recursive: true });
  await run("cp", ["-a", join(dirname(controlPlane.kubeconfig), "pki"), at("kubernetes/pki")]);
  await run("cp", [controlPlane.kubeconfig, at("kubernetes/admin.conf")]);
  await writeFile(at("kubernetes/kjerne/kubeadm.yaml"), renderInit(facts, cp1));
  await writeFile(at("kjerne/control-plane"), "");
});
after(async () => {
  await controlPlane?.stop();
  await rm(directory, { recursive: true, force: true });
});

/** Runs a program as on this control plane. */
function onNode(program: readonly string[], input: string): Promise<string> {
  const own = [
    `mkdir -p ${at("etc/kubernetes")}`,
    `mount -t overlay none -o lowerdir=/etc,upperdir=${at("etc")},workdir=${at("work")} /etc`,
    `mount --bind ${at("kubernetes")} /etc/kubernetes`,
    "mount -t tmpfs none /var/lib && mkdir /var/lib/kjerne",
    `mount --bind ${at("kjerne")} /var/lib/kjerne`,
    'exec "$@"',
  ];
  const env = { ...process.env, PATH: `${controlPlane.binDirectory}:${process.env.PATH}` };
  return run("unshare", ["--mount", "bash", "-ec", own.join("; "), "bash", ...program], { input, env });
}

const script = (path: string, input: string) => onNode(["bash", "-c", textOf(path), path, "update"], input);
const observe = async (): Promise<Drift> =>
  JSON.parse(await onNode(["python3", "-I", "-c", pythonOf("drift/observe.py")], '{"sets": {}, "container": true}'));
/** Without what this machine is not: services run nowhere here. */
async function found(): Promise<Drift> {
  const all = Object.entries(await observe());
  return Object.fromEntries(all.filter(([what]) => !what.startsWith("service ")));
}
const putBack = (drift: Drift) => script("drift/put-back.sh", JSON.stringify({ drift, sets: [], writer: "" }));

test("kube-proxy's objects as they were applied, and kubeadm's certificates as it made them, are no drift", async () => {
  const proxy = { mode: "ipvs", scheduler: "rr", syncPeriodSeconds: 30, strictArp: false } as const;
  await script("kubeadm/kube-proxy.sh", renderKubeProxy(facts, cp1, { ...proxy, featureGates: {} }));
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
  const pki = (name: string) => at(`kubernetes/pki/${name}`);
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
