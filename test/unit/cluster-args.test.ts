import assert from "node:assert/strict";
import { test } from "node:test";
import { Cluster } from "../../components/cluster/cluster";
import type { ClusterArgs } from "../../components/cluster/cluster-args";
import { withDefaults } from "../../components/cluster/with-defaults";
import { manifest } from "./calico-samples";
import { archiveKey, index, operatorKey, publicKeyOf } from "./key-samples";
import "./registered";

/** The least that a program has to say. */
const least: ClusterArgs = {
  site: {
    name: "oslo-1",
    country: "NO",
    city: "Oslo",
    operator: { name: "Eksempel Drift AS", country: "NO", parentCountry: "NO" },
    supportCountries: ["NO"],
    dataClass: "internal",
  },
  ssh: operatorKey,
  hypervisors: [{ name: "hv1", address: "10.20.0.11", hostKey: publicKeyOf("hv1"), bridge: "br0" }],
  nodes: [
    { name: "cp1", role: "control-plane", hypervisor: "hv1", address: "10.20.0.31", cpus: 4, memoryMiB: 8192 },
    { name: "worker1", role: "worker", hypervisor: "hv1", address: "10.20.0.41", cpus: 4, memoryMiB: 8192 },
  ],
  network: { nodeCidr: "10.20.0.0/24", gateway: "10.20.0.1", nameservers: ["10.20.0.2"] },
  calico: { manifest },
  kubernetes: {
    version: "1.36.3",
    endpoint: { host: "api.oslo.eksempel.no", address: "10.20.0.31" },
    probeImage: "registry.k8s.io/e2e-test-images/agnhost:2.63.0",
  },
  otherNamespaces: "closed",
  supply: {
    packages: [{ uri: "http://10.20.0.5/apt", suite: "bookworm", components: ["main"], publicKey: archiveKey }],
    mirrors: [],
    index,
  },
};

test("a program that leaves a setting out gets the default that its docstring names", () => {
  const { hypervisors, nodes, network, calico, kubernetes, ...rest } = withDefaults(least);
  assert.deepEqual(hypervisors[0]?.pool, { name: "kjerne", path: "/var/lib/kjerne/pool", medium: "nvme" });
  assert.equal(hypervisors[0]?.user, "root");
  assert.deepEqual(nodes[0], { ...least.nodes[0], rootGiB: 40, etcdGiB: 8 });
  assert.deepEqual([network.mtu, network.podCidr, network.serviceCidr], [1500, "10.244.0.0/16", "10.96.0.0/16"]);
  assert.deepEqual([calico.autodetection, calico.blockSize, calico.asNumber], ["interface=eth0", 26, 64512]);
  assert.deepEqual(kubernetes.proxy, { mode: "ipvs", scheduler: "rr", syncPeriodSeconds: 30, strictArp: false });
  assert.equal(kubernetes.endpoint.port, 6443);
  assert.deepEqual([rest.virtualisation, rest.defaultDeny], ["kvm", []]);
});

test("a program that sets one key of a group keeps the defaults of the others, and undefined counts as left out", () => {
  const { network, kubernetes } = withDefaults({
    ...least,
    network: { ...least.network, mtu: 9000, podCidr: undefined },
    kubernetes: { ...least.kubernetes, proxy: { scheduler: "wrr" } },
  });
  assert.deepEqual([network.mtu, network.podCidr], [9000, "10.244.0.0/16"]);
  assert.deepEqual([kubernetes.proxy.mode, kubernetes.proxy.scheduler], ["ipvs", "wrr"]);
});

test("with addresses of Services that are announced, nodes answer no ARP for them, unless the arguments say otherwise", () => {
  const announced = { ...least, network: { ...least.network, loadBalancerCidrs: ["10.80.0.0/24"] } };
  assert.equal(withDefaults(announced).kubernetes.proxy.strictArp, true);
  const own = { ...announced, kubernetes: { ...least.kubernetes, proxy: { strictArp: false } } };
  assert.equal(withDefaults(own).kubernetes.proxy.strictArp, false);
});

test("a cluster without a control plane, or with a node on an unknown hypervisor, is refused with the way out", () => {
  const [, worker1] = least.nodes;
  assert.ok(worker1);
  assert.throws(
    () => new Cluster("workers-only", { ...least, nodes: [worker1] }),
    /there is no control plane; give one node/,
  );
  const lost = { ...worker1, hypervisor: "hv9" };
  assert.throws(
    () => new Cluster("lost", { ...least, nodes: [lost] }),
    /worker1 lies on hypervisor hv9; choose one of hv1/,
  );
});
