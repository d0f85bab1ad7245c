import { readFileSync } from "node:fs";
import { join } from "node:path";
import { denyAll } from "../../../components/security/policies";
import type { Answer } from "../../../components/verify/answers";
import type { Wanted } from "../../../components/verify/wanted";

const answersIn = (file: string): Record<string, Answer> => JSON.parse(readFileSync(join(__dirname, file), "utf8"));

/** What facts.sh printed where its tools run without a cluster. */
export const recorded = answersIn("recorded.json");

/** All answers of `cp1` in a healthy cluster of two; recorded where that was possible. */
export const healthy: Readonly<Record<string, Answer>> = { ...recorded, ...answersIn("handwritten.json") };

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
    { key: "net.netfilter.nf_conntrack_max", value: "131072", atLeast: true },
    { key: "net.ipv4.tcp_rmem", value: "4096 131072 16777216" },
  ],
  policies: [denyAll("production")],
  bgpPeers: [],
  stealPercent: 2,
  probe: {
    image: "registry.k8s.io/e2e-test-images/agnhost:1.36.3",
    policies: [],
    outside: { address: "10.77.0.2", port: 22 },
  },
};
