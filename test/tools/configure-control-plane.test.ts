import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, beforeEach, test } from "node:test";
import { parseAllDocuments, stringify } from "yaml";
import { renderInit } from "../../node-config/kubeadm";
import { versions } from "../../node-config/versions";
import { until } from "../../tools/lab/until";
import { asRoot } from "../../tools/run";
import { buildGoModule } from "../../tools/supply/go-module";
import { kubernetes } from "../../tools/supply/recipes/modules";
import { cp1, facts } from "../unit/cluster-samples";

/** Files of a control plane, with the real kubeadm and fakes that log container restarts and config uploads. */
const machine = mkdtempSync(join(tmpdir(), "kjerne-control-plane-"));
const at = (path: string) => join(machine, path);
const script = join(__dirname, "../../node-config/control-plane/usr/local/sbin/kjerne-configure-control-plane");
const ready = join(__dirname, "../../node-config/machine/ready.sh");

/** Mounts its /etc and /var/lib as overlays over this machine's. */
const entered = `
  for part in etc var/lib; do
    mount --types overlay overlay --options "lowerdir=/$part,upperdir=$0/$part,workdir=$0/overlay/$part" "/$part"
  done
  PATH="$0/bin:$PATH" exec "$@"`;
const inside = (...argv: string[]) => asRoot("unshare", "--mount", "bash", "-euc", entered, machine, ...argv);

function put(path: string, content: string, mode = 0o644) {
  mkdirSync(dirname(at(path)), { recursive: true });
  writeFileSync(at(path), content, { mode });
}

const program = (name: string, body: string) => put(`bin/${name}`, `#!/bin/bash\n${body}\n`, 0o755);
const configure = async (...args: string[]) => {
  put("log", "");
  await inside("bash", script, ...args);
  return readFileSync(at("log"), "utf8").trim().split("\n").filter(Boolean);
};
const restarted = (calls: string[]) => calls.filter((call) => call.startsWith("restarts "));
const certificate = () => new X509Certificate(readFileSync(at("etc/kubernetes/pki/apiserver.crt")));
const daysLeft = () => Math.round((Date.parse(certificate().validTo) - Date.now()) / 86_400_000);

/** Configuration for kubeadm; `validity` sets how long its certificates last. */
function config(given = facts, validity?: string) {
  const documents = parseAllDocuments(renderInit(given, cp1));
  if (validity) documents[1]?.set("certificateValidityPeriod", validity);
  return documents.map((document) => stringify(document)).join("---\n");
}

before(async () => {
  const kubeadm = join(await buildGoModule(kubernetes(versions.default), () => {}), "kubeadm");
  for (const part of ["etc", "var/lib"])
    for (const of of ["", "overlay"]) mkdirSync(at(join(of, part)), { recursive: true });
  program("kubectl", "exit 0");
  program("curl", "exit 0");
  program(
    "kubeadm",
    `[[ $* != *check-expiration* || ! -e ${at("silent")} ]] || exit 1; if [[ $* == *upload-config* ]]; then echo uploads >>${at("log")}; else exec ${kubeadm} "$@"; fi`,
  );
  program(
    "crictl",
    `if [[ $1 == ps ]]; then echo "$4"; elif [[ $1 == exec ]]; then if [[ -e ${at("member-down")} ]]; then echo down >>${at("log")}; exit 1; fi; else echo "restarts \${*: -1}" >>${at("log")}; [[ ! -e ${at("cut-off")} ]]; fi`,
  );
});
after(() => asRoot("rm", "--recursive", "--force", machine));

/** A control plane made by kubeadm, with certificates that expire tomorrow. */
beforeEach(async () => {
  await asRoot("rm", "--recursive", "--force", at("etc/kubernetes"), at("var/lib/kjerne"));
  put("etc/kubernetes/kjerne/audit-policy.yaml", "rules: []\n");
  put("etc/kubernetes/kjerne/admission.yaml", "plugins: []\n");
  put("etc/kubernetes/kjerne/kubeadm.yaml", config(facts, "24h0m0s"));
  for (const phase of ["certs", "kubeconfig", "control-plane"]) {
    await inside("kubeadm", "init", "phase", phase, "all", "--config", "/etc/kubernetes/kjerne/kubeadm.yaml");
  }
  put("etc/kubernetes/kjerne/kubeadm.yaml", config());
  await configure("--made");
});

test("certificates in their last 90 days are renewed, and every component that presents one is restarted", async () => {
  assert.equal(daysLeft(), 1);
  assert.deepEqual(
    restarted(await configure()),
    ["kube-apiserver", "etcd", "kube-controller-manager", "kube-scheduler"].map((name) => `restarts ^${name}$`),
  );
  assert.equal(daysLeft(), 365);
  assert.deepEqual(await configure(), [], "a second run has nothing to do");
});

test("a renewal interrupted before the restarts is finished by the next run", async () => {
  put("cut-off", "");
  await assert.rejects(configure());
  rmSync(at("cut-off"));
  assert.equal(daysLeft(), 365);
  assert.ok(restarted(await configure()).includes("restarts ^etcd$"));
  assert.deepEqual(await configure(), []);
});

test("a changed configuration updates the API server's certificate, its manifest and the cluster's copy", async () => {
  await configure();
  const endpoint = { ...facts.endpoint, address: "10.20.0.9" };
  put("etc/kubernetes/kjerne/kubeadm.yaml", config({ ...facts, endpoint, serviceCidr: "10.97.0.0/16" }));
  assert.deepEqual(await configure(), ["restarts ^kube-apiserver$", "uploads"]);
  assert.ok(certificate().checkIP("10.20.0.9"));
  assert.match(readFileSync(at("etc/kubernetes/manifests/kube-apiserver.yaml"), "utf8"), /10\.97\.0\.0\/16/);
  assert.deepEqual(await configure(), []);
});

test("another control plane has the endpoint's address while the API server starts anew, and no longer than that", async () => {
  program("kjerne-give-endpoint", `echo "gives it $1" >>${at("log")}`);
  const calls = await configure();
  rmSync(at("bin/kjerne-give-endpoint"));
  assert.equal(calls[0], "gives it away");
  assert.ok(calls.includes("restarts ^kube-apiserver$"), calls.join("\n"));
  assert.equal(calls.at(-1), "gives it back");
});

test("another level of Pod Security starts the API server anew and nothing else", async () => {
  await configure();
  put("etc/kubernetes/kjerne/admission.yaml", "plugins: [{ name: PodSecurity }]\n");
  assert.deepEqual(await configure(), ["restarts ^kube-apiserver$", "uploads"]);
  assert.deepEqual(await configure(), []);
});

test("another Kubernetes version is refused as an upgrade and changes nothing", async () => {
  await configure();
  const before = certificate().serialNumber;
  put("etc/kubernetes/kjerne/kubeadm.yaml", config({ ...facts, kubernetesVersion: "1.36.1" }));
  await assert.rejects(configure(), /runs Kubernetes v1\.36\.3 .* ask for v1\.36\.1/);
  assert.equal(certificate().serialNumber, before);
});

test("labels and taints of the control plane's node change no component", async () => {
  await configure();
  const { name, address } = cp1;
  const tainted = renderInit(facts, { name, address, taints: [], labels: { rack: "a" } });
  put("etc/kubernetes/kjerne/kubeadm.yaml", tainted);
  assert.deepEqual(await configure(), []);
});

test("no component is touched while a member of etcd is down", async () => {
  await configure();
  put("etc/kubernetes/kjerne/kubeadm.yaml", config({ ...facts, serviceCidr: "10.97.0.0/16" }));
  put("member-down", "");
  const configured = configure();
  await until("the script has asked etcd", 60, async () => readFileSync(at("log"), "utf8").includes("down"));
  rmSync(at("member-down"));
  const [first, ...calls] = await configured;
  assert.equal(first, "down");
  assert.deepEqual(restarted(calls), ["restarts ^kube-apiserver$"]);
});

test("a node in a cluster refuses another endpoint, name, network or role, and a node in none accepts any", async () => {
  const { endpoint, name: cluster, podCidr, serviceCidr } = facts;
  const running = {
    cluster,
    role: "control-plane",
    endpoint: `${endpoint.host}:${endpoint.port}`,
    podCidr,
    serviceCidr,
    boot: null,
    hosts: null,
  };
  const keeps = (change: object = {}) =>
    inside("bash", "-euc", `bash "$0" <<<"$1"`, ready, JSON.stringify({ ...running, ...change }));
  const other =
    /found at api\.lab\.kjerne\.internal:6443 .* ask for other\.internal:6443.*put kubernetes\.endpoint\.host and port back/;
  await keeps();
  await assert.rejects(keeps({ endpoint: "other.internal:6443" }), other);
  await assert.rejects(
    keeps({ cluster: "oslo2", podCidr: "10.250.0.0/16" }),
    /name is lab on the running cluster and the settings ask for oslo2[\s\S]*network\.podCidr is 10\.244\.0\.0\/16 on the running cluster/,
  );

  await asRoot("mv", at("var/lib/kjerne/control-plane"), at("var/lib/kjerne/joined")); // a worker
  await asRoot("rm", at("etc/kubernetes/kjerne/kubeadm.yaml"));
  await asRoot("mv", at("etc/kubernetes/admin.conf"), at("etc/kubernetes/kubelet.conf"));
  await asRoot("rm", "--recursive", at("etc/kubernetes/manifests"));
  await keeps({ role: "worker" });
  await assert.rejects(keeps({ role: "worker", endpoint: "other.internal:6443" }), other);
  await assert.rejects(keeps(), /it is a worker of the cluster and the settings ask for a control-plane: take it out/);

  await asRoot("rm", at("var/lib/kjerne/joined"));
  await keeps({ endpoint: "other.internal:6443" });
});

test("no certificate is renewed when kubeadm cannot tell how long certificates last", async () => {
  put("silent", "");
  await assert.rejects(configure());
  rmSync(at("silent"));
  assert.equal(readFileSync(at("log"), "utf8"), "");
});
