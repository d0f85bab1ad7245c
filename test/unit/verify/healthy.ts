import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { denyAll } from "../../../components/security/network-policies";
import type { Answer } from "../../../components/verify/answers";
import { clusterChecks, nodeChecks } from "../../../components/verify/checks";
import { observedCluster } from "../../../components/verify/observed-cluster";
import { observedNode } from "../../../components/verify/observed-node";
import type { Check } from "../../../components/verify/report";
import type { Wanted } from "../../../components/verify/wanted";

export type Answers = Readonly<Record<string, Answer>>;
const recorded = (file: string) => JSON.parse(readFileSync(join(__dirname, file), "utf8"));

/** Output of observe.sh, recorded on the two nodes of a lab; that of cp1 includes the cluster's objects. */
export const lab: { readonly cp1: Answers; readonly worker1: Answers } = recorded("lab.json");

/** Output of observe.sh, recorded where its tools ran without a cluster: error messages and a VXLAN device. */
export const refusals: Readonly<Record<"links" | "ipvs" | "proxyMode" | "cniMtu", Answer>> = recorded("refusals.json");

export const wanted: Wanted = {
  nodes: [
    { name: "cp1", role: "control-plane", address: "10.77.0.11" },
    { name: "worker1", role: "worker", address: "10.77.0.21" },
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
  bgpPeers: [{ name: "router", address: "10.77.0.1" }],
  stealPercent: 2,
  probe: {
    image: "registry.k8s.io/e2e-test-images/agnhost:1.36.3",
    policies: [],
    outside: { address: "10.77.0.2", port: 22 },
  },
};

export const healthy: Answers = lab.cp1;

/** The checks of the cluster and of one node, judged from these answers. */
export function checksOf(answers: Answers, expected: Wanted = wanted, name = "cp1"): Check[] {
  const ask = (name: string) => answers[name];
  const [cluster, node] = [observedCluster(ask), expected.nodes.find((node) => node.name === name)];
  assert.ok(node);
  return [...clusterChecks(expected, cluster), ...nodeChecks(expected, node, observedNode(ask), cluster)];
}

/** The healthy answers with some text of one of them replaced. */
export function edited(name: string, from: string | RegExp, to: string): Answers {
  const answer = healthy[name];
  assert.ok(answer, name);
  const stdout = answer.stdout.replace(from, to);
  assert.notEqual(stdout, answer.stdout, `${name} does not hold ${from}`);
  return { ...healthy, [name]: { ...answer, stdout } };
}
