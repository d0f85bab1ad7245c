import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { clusterDefaultDenyPolicy } from "../../../components/security/cluster-default-deny";
import { denyAll } from "../../../components/security/network-policies";
import type { Answer } from "../../../components/verify/answers";
import { clusterChecks, nodeChecks } from "../../../components/verify/checks";
import { clockOffset } from "../../../components/verify/clock-checks";
import { observedCluster } from "../../../components/verify/observed-cluster";
import { observedNode } from "../../../components/verify/observed-node";
import type { Check } from "../../../components/verify/report";
import type { Wanted } from "../../../components/verify/wanted";

export type Answers = Readonly<Record<string, Answer>>;
const recorded = (file: string) => JSON.parse(readFileSync(join(__dirname, file), "utf8"));

/** Output of observe.sh, recorded on the two nodes of a lab; for cp1 that of observe-cluster.sh too. */
export const lab: { readonly cp1: Answers; readonly worker1: Answers } = recorded("lab.json");

/** Output of observe.sh, recorded where its tools ran without a cluster: error messages and a VXLAN device. */
export const refusals: Readonly<Record<"links" | "ipvs" | "proxyMode" | "cniMtu", Answer>> = recorded("refusals.json");

export const wanted: Wanted = {
  nodes: [
    { name: "cp1", role: "control-plane", address: "10.77.0.11", clock: "chrony" },
    { name: "worker1", role: "worker", address: "10.77.0.21", labels: { disk: "nvme" } },
  ],
  kubernetesVersion: "1.36.3",
  proxy: { mode: "ipvs", scheduler: "rr" },
  modules: ["ip_vs", "ip_vs_rr", "ip_vs_wrr", "ip_vs_sh", "nf_conntrack"],
  sysctls: [
    { key: "net.ipv4.ip_forward", value: "1" },
    { key: "net.netfilter.nf_conntrack_max", value: "65536", atLeast: true },
    { key: "net.ipv4.tcp_rmem", value: "4096 131072 6291456" },
  ],
  policies: [denyAll("production")],
  clusterPolicy: clusterDefaultDenyPolicy({
    api: { addresses: ["10.77.0.11"], port: 6443 },
  }),
  bgpPeers: [{ name: "router", address: "10.77.0.1" }],
  systemNamespaces: ["kube-system", "calico-system"],
  podCidr: "10.244.0.0/16",
  mtu: 1500,
  clockSeconds: 1,
  stealPercent: 2,
  probe: {
    image: "registry.k8s.io/e2e-test-images/agnhost:1.36.3",
    policies: [],
    doors: [
      { name: "ssh of hypervisor hv1", address: "10.77.0.2", port: 22 },
      { name: "kubelet of cp1", address: "10.77.0.11", port: 10250 },
    ],
  },
};

export const healthy: Answers = lab.cp1;

/**
 * The checks of the cluster and of one node, judged from these answers; the other nodes' clocks are right, or differ by
 * what is given.
 */
export function checksOf(answers: Answers, expected: Wanted = wanted, name = "cp1", secondsAhead = 0): Check[] {
  const ask = (name: string) => answers[name];
  const [cluster, node] = [observedCluster(ask), expected.nodes.find((node) => node.name === name)];
  assert.ok(node);
  const observed = observedNode(ask);
  const right = { value: { least: secondsAhead - 0.2, most: secondsAhead + 0.2 } };
  const offsets = new Map(expected.nodes.map((other) => [other.name, right]));
  // The recorded nodes had the time of the machine that asked, and ssh took it a fifth of a second each way.
  const { clockBegan, clockEnded } = name === "worker1" ? lab.worker1 : lab.cp1;
  const [asked, answered] = [Number(clockBegan?.stdout) - 0.2, Number(clockEnded?.stdout) + 0.2];
  offsets.set(name, clockOffset(observed.clock, asked, answered) as typeof right);
  return [...clusterChecks(expected, cluster), ...nodeChecks(expected, node, observed, cluster, offsets)];
}

/** The healthy answers with some text of one of them replaced. */
export function edited(name: string, from: string | RegExp, to: string): Answers {
  const answer = healthy[name];
  assert.ok(answer, name);
  const stdout = answer.stdout.replace(from, to);
  assert.notEqual(stdout, answer.stdout, `${name} does not hold ${from}`);
  return { ...healthy, [name]: { ...answer, stdout } };
}
