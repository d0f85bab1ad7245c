import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { hostname, release, tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { observedCluster } from "../../components/verify/observed-cluster";
import { observedNode } from "../../components/verify/observed-node";
import { textOf } from "../../components/verify/run";
import { sentScript } from "../../components/verify/send";
import type { Answers } from "../unit/verify/healthy";

/** The scripts run as they are sent to a node, on this machine. Its only program of a node is a kubectl made here. */
const directory = mkdtempSync(join(tmpdir(), "kjerne-observe-"));
const at = (name: string) => join(directory, name);

before(() => {
  for (const name of ["bin", "tmp"]) mkdirSync(at(name));
});
after(() => rmSync(directory, { recursive: true }));

async function run(script: string, input: object): Promise<Answers> {
  const env = { ...process.env, PATH: `${at("bin")}:${process.env.PATH}`, TMPDIR: at("tmp") };
  const argv = ["-c", await sentScript(script), script];
  const { status, stdout, stderr } = spawnSync("bash", argv, { env, input: JSON.stringify(input), encoding: "utf8" });
  assert.equal(status, 0, stderr);
  assert.deepEqual(readdirSync(at("tmp")), [], "it left files");
  return JSON.parse(stdout);
}

const kubectl = (body: string) => writeFileSync(at("bin/kubectl"), `#!/bin/bash\n${body}\n`, { mode: 0o755 });
const input = { sysctls: ["kernel.ostype"], seconds: 0, mtu: 1500 };
/** The node itself is the other one that it asks for a packet. */
const observe = async (packets: string) =>
  run("verify/observe.sh", { ...input, others: ["127.0.0.1"], fullPackets: packets });
const observeCluster = () => run("verify/observe-cluster.sh", {});

test("observe.sh prints a reading for each command, and why one could not be had", async () => {
  const answers = await observe(await textOf("verify/full-packets.py"));
  const observed = observedNode((name) => answers[name]);
  assert.deepEqual(observed.hostname, { value: hostname() });
  assert.deepEqual(observed.kernel, { value: release() });
  assert.deepEqual(observed.sysctls, { value: new Map([["kernel.ostype", "Linux"]]) });
  assert.ok("value" in observed.stealPercent);
  assert.match(JSON.stringify(observed.bgp), /unreadable/);
  assert.match(answers.cniMtu?.stderr ?? "", /No such file/);
  assert.ok("value" in observed.kernelClock);
  assert.ok("value" in observed.clock && observed.clock.value.began <= observed.clock.value.ended);
});

test("observe-cluster.sh cuts what the API server holds down to what is judged", async () => {
  const ready = { conditions: [{ type: "Ready", status: "True" }] };
  const pod = (name: string, metadata: object = {}) => ({
    ...{ kind: "Pod", metadata: { namespace: "a", name, ...metadata } },
    ...{ spec: { nodeName: "cp1" }, status: { phase: "Running", ...ready } },
  });
  const service = (name: string) => ({
    ...{ kind: "Service", metadata: { namespace: "default", name } },
    spec: { clusterIP: "10.96.0.1", ports: [{ name: "https", protocol: "TCP", port: 443, targetPort: 6443 }] },
  });
  const serving = (name: string) => ({ ...service(name), spec: { selector: { app: name }, clusterIP: "10.96.0.9" } });
  const balanced = (name: string, spec: object, ...ips: readonly string[]) => ({
    ...{ kind: "Service", metadata: { namespace: "shop", name }, spec: { type: "LoadBalancer", ...spec } },
    status: { loadBalancer: { ingress: ips.map((ip) => ({ ip })) } },
  });
  const slicesOf = (name: string, addresses: readonly string[]) => ({
    ...{ kind: "EndpointSlice", endpoints: addresses.map((address) => ({ addresses: [address] })) },
    metadata: { namespace: "default", name: "any", labels: { "kubernetes.io/service-name": name } },
  });
  const volume = (name: string, source: object) => ({
    ...{ kind: "PersistentVolume", metadata: { name }, status: { phase: "Bound" } },
    spec: { storageClassName: "kjerne-local", capacity: { storage: "1Gi" }, ...source },
  });
  const waiting = (reason: string) => ({ ready: false, state: { waiting: { reason } } });
  const slice = {
    kind: "EndpointSlice",
    metadata: { namespace: "default", name: "any", labels: { "kubernetes.io/service-name": "kubernetes" } },
    ports: [{ name: "https", protocol: "TCP", port: 6443 }],
    endpoints: [{ addresses: ["10.77.0.11"] }, { addresses: ["10.77.0.12"], conditions: { ready: false } }],
  };
  const items = [
    {
      ...{ kind: "Node", metadata: { name: "cp1", labels: { disk: "nvme" } } },
      spec: { unschedulable: true, taints: [{ key: "for", value: "db", effect: "NoSchedule", timeAdded: "any" }] },
      status: { ...ready, nodeInfo: { kubeletVersion: "v1.36.3" } },
    },
    pod("stays", { ownerReferences: [{ kind: "DaemonSet", name: "set" }] }),
    pod("leaves", { deletionTimestamp: new Date(Date.now() - 90_000).toISOString().replace(/\.\d+/, "") }),
    ...[service("kubernetes"), service("other"), slice],
    ...[balanced("given", {}, "10.80.0.1"), balanced("waits", {})],
    ...[balanced("theirs", { loadBalancerClass: "any" }), balanced("asks", { loadBalancerIP: "10.80.0.7" })],
    ...[serving("web"), serving("idle"), slicesOf("web", ["10.244.0.9"]), slicesOf("idle", [])],
    {
      kind: "Deployment",
      metadata: { namespace: "a", name: "web" },
      spec: { replicas: 3 },
      status: { readyReplicas: 1 },
    },
    { ...pod("crashes"), status: { phase: "Running", containerStatuses: [waiting("CrashLoopBackOff")] } },
    { ...pod("evicted"), status: { phase: "Failed", reason: "Evicted" } },
    { kind: "NetworkPolicy", metadata: { namespace: "a", name: "deny" }, spec: { podSelector: {} } },
    { kind: "GlobalNetworkPolicy", metadata: { name: "closed" }, spec: { order: 2000 } },
    { kind: "IPPool", metadata: { name: "pool" }, spec: { cidr: "10.244.0.0/16", ipipMode: "Never" } },
    { kind: "IPPool", metadata: { name: "services" }, spec: { cidr: "10.80.0.0/24", allowedUses: ["LoadBalancer"] } },
    {
      kind: "BlockAffinity",
      metadata: { name: "any" },
      spec: { cidr: "10.244.1.0/26", node: "cp1", state: "confirmed" },
    },
    {
      ...{ kind: "StorageClass", metadata: { name: "kjerne-local" }, provisioner: "kubernetes.io/no-provisioner" },
      ...{ volumeBindingMode: "WaitForFirstConsumer", reclaimPolicy: "Retain" },
    },
    { kind: "ValidatingAdmissionPolicy", metadata: { name: "judged" }, spec: { failurePolicy: "Fail" } },
    ...["judged", "gone"].map((policyName) => ({
      ...{ kind: "ValidatingAdmissionPolicyBinding", metadata: { name: policyName } },
      spec: { policyName, validationActions: ["Deny"] },
    })),
    volume("claimed", { local: { path: "/volumes/claimed" }, claimRef: { namespace: "a", name: "data" } }),
    volume("another-driver", { csi: { driver: "any" } }),
    { kind: "NodeMetrics", metadata: { name: "cp1" }, usage: { cpu: "1n", memory: "1Ki" } },
    { kind: "NodeMetrics", metadata: { name: "silent" } },
  ];
  kubectl(`cat <<'END'\n${JSON.stringify({ items })}\nEND`);
  const answers = await observeCluster();
  const observed = observedCluster((name) => answers[name]);
  const leaves = "value" in observed.pods ? observed.pods.value.find(({ name }) => name === "leaves") : undefined;
  assert.ok((leaves?.terminatingSeconds ?? 0) >= 90);
  const node = {
    ...{ name: "cp1", ready: true, version: "v1.36.3", schedulable: false, labels: { disk: "nvme" } },
    taints: [{ key: "for", value: "db", effect: "NoSchedule" }],
  };
  const seen = (name: string) => ({
    ...{ namespace: "a", name, node: "cp1", phase: "Running", ready: true },
    ...{ reason: "", owner: "", terminatingSeconds: null },
  });
  const { privilegedPod, ...lists } = observed;
  assert.ok("value" in privilegedPod);
  assert.deepEqual(lists, {
    nodes: { value: [node] },
    pods: {
      value: [
        { ...seen("stays"), owner: "DaemonSet/set" },
        { ...seen("leaves"), terminatingSeconds: leaves?.terminatingSeconds },
        { ...seen("crashes"), ready: false, reason: "CrashLoopBackOff" },
        { ...seen("evicted"), phase: "Failed", ready: false, reason: "Evicted" },
      ],
    },
    workloads: { value: [{ namespace: "a", name: "web", kind: "Deployment", wanted: 3, ready: 1 }] },
    loadBalancers: {
      value: [
        { name: "shop/given", addresses: ["10.80.0.1"] },
        { name: "shop/waits", addresses: [] },
      ],
    },
    unserved: { value: ["default/idle"] },
    services: {
      value: [
        { name: "default/kubernetes", ports: [{ service: "TCP 10.96.0.1:443", endpoints: ["10.77.0.11:6443"] }] },
      ],
    },
    policies: { value: [{ namespace: "a", name: "deny", spec: { podSelector: {} } }] },
    globalPolicies: { value: [{ name: "closed", spec: { order: 2000 } }] },
    admission: {
      value: [
        { policy: "judged", actions: ["Deny"], failurePolicy: "Fail" },
        { policy: "gone", actions: ["Deny"], failurePolicy: "" },
      ],
    },
    pools: { value: [{ name: "pool", cidr: "10.244.0.0/16", ipipMode: "Never" }] },
    blocks: { value: [{ cidr: "10.244.1.0/26", node: "cp1", state: "confirmed" }] },
    storageClasses: {
      value: [
        {
          ...{ name: "kjerne-local", provisioner: "kubernetes.io/no-provisioner" },
          ...{ volumeBindingMode: "WaitForFirstConsumer", reclaimPolicy: "Retain" },
        },
      ],
    },
    volumes: {
      value: [
        {
          ...{ name: "claimed", phase: "Bound", storageClass: "kjerne-local", size: "1Gi" },
          ...{ directory: "/volumes/claimed", claim: "a/data" },
        },
      ],
    },
    measured: { value: ["cp1"] },
  });
});

test("a packet of full size that the path can't carry is told from a node that answers nothing", async () => {
  const packets = await textOf("verify/full-packets.py");
  // A network of its own, whose loopback device has the MTU of a common bridge; no route leads to other addresses.
  const echoes = (mtu: number) => {
    const inside = 'ip link set lo up mtu 1500 && exec python3 -IS -c "$0" "$@"';
    const argv = ["--net", "bash", "-ec", inside, packets, `${mtu}`, "127.0.0.1", "192.0.2.1"];
    const { status, stdout, stderr } = spawnSync("unshare", argv, { encoding: "utf8" });
    assert.equal(status, 0, stderr);
    return stdout;
  };
  assert.equal(echoes(1500), "127.0.0.1 full\n192.0.2.1 none\n");
  assert.equal(echoes(9000), "127.0.0.1 small\n192.0.2.1 none\n");
});

test("when the API server does not answer, everything about the cluster is unreadable and says so", async () => {
  kubectl("echo 'connection refused' >&2; exit 1");
  const answers = await observeCluster();
  for (const reading of Object.values(observedCluster((name) => answers[name]))) {
    assert.deepEqual(reading, { unreadable: "connection refused" });
  }
});

test("a pod that the API server refuses is an answer, and an API server that is away is none", async () => {
  const refusal = 'Error from server (Forbidden): pods "a" is forbidden: violates PodSecurity "baseline:latest"';
  kubectl(`echo '${refusal}' >&2; exit 1`);
  const answers = await observeCluster();
  assert.deepEqual(observedCluster((name) => answers[name]).privilegedPod, { value: refusal });
});

test("residency.sh measures the way to servers whose place is known", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const vantage = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const answers = await run("verify/residency.sh", { vantage: [vantage] }).finally(() => server.close());
  assert.match(answers.roundTrips?.stdout ?? "", new RegExp(`^${vantage} \\d+\n$`));
  const names = ["containers", "images", "nameServers", "packages", "registries", "roundTrips", "timeServers"];
  assert.deepEqual(Object.keys(answers).sort(), names);
});
