import assert from "node:assert/strict";
import { test } from "node:test";
import { observedCluster } from "../../components/verify/observed-cluster";
import { kubectl, run } from "./observing";

const observeCluster = () => run("verify/observe-cluster.sh", {});

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
