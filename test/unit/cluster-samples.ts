import type { ClusterFacts, NodeFacts } from "../../node-config/kubeadm";

/** Facts of a small cluster; tests override what they need. */
export const facts: ClusterFacts = {
  name: "lab",
  kubernetesVersion: "1.36.3",
  endpoint: { host: "api.lab.kjerne.internal", address: "10.20.0.11", port: 6443 },
  podCidr: "10.244.0.0/16",
  serviceCidr: "10.96.0.0/16",
  pace: "bare-metal",
  controlPlanes: 1,
};
export const cp1: NodeFacts = { name: "cp1", address: "10.20.0.11" };
export const worker1: NodeFacts = {
  name: "worker1",
  address: "10.20.0.21",
  labels: { "topology.kubernetes.io/zone": "hv1" },
};
export const credentials = { token: "abcdef.0123456789abcdef", caHash: `sha256:${"0".repeat(64)}` };
export const ipvs = { mode: "ipvs", scheduler: "rr", syncPeriodSeconds: 30, strictArp: false } as const;
