import type { Wanted, WantedNode } from "../../../components/verify/wanted";
import type { Failure } from "./failures";
import { edited, healthy, wanted } from "./healthy";

const controlPlaneTaint = "node-role.kubernetes.io/control-plane";
const otherPool = { ...wanted, podCidr: "10.250.0.0/16" };
const tainted = (taints: NonNullable<WantedNode["taints"]>): Wanted => ({
  ...wanted,
  nodes: wanted.nodes.map((node) => (node.name === "cp1" ? { ...node, taints } : node)),
});
const oneReady = healthy.nodes?.stdout.replace(/("worker1","ready":)true/, "$1false") ?? "";

/** Failures of the checks that look at the cluster as a whole. */
export const clusterFailures: readonly Failure[] = [
  ["IPIP", edited("pools", '"ipipMode":"Never"', '"ipipMode":"Always"'), "pool-encapsulation", /ipipMode Always/],
  [
    "VXLAN",
    edited("pools", '"vxlanMode":"Never"', '"vxlanMode":"CrossSubnet"'),
    "pool-encapsulation",
    /vxlanMode CrossSubnet/,
  ],
  ["a deny taken away", edited("policies", "-all", "-ingress"), "network-policies", /default-deny-all is not there/],
  [
    "an opened deny",
    edited("policies", '"Ingress","Egress"', '"Ingress"'),
    "network-policies",
    /default-deny-all was changed/,
  ],
  [
    "default deny of the whole cluster that is gone",
    edited("globalPolicies", "default.kjerne-default-deny", "default.other"),
    "cluster-default-deny",
    /^default\.kjerne-default-deny is not there$/,
  ],
  [
    "another namespace that is left out of it",
    edited("globalPolicies", '{\\"kube-system\\"}', '{\\"kube-system\\", \\"shop\\"}'),
    "cluster-default-deny",
    /^default\.kjerne-default-deny was changed$/,
  ],
  [
    "an API server without levels of Pod Security, or a namespace default with a label that opens it",
    edited("privilegedPod", /^.*$/s, "pod/kjerne-verify-privileged created (server dry run)"),
    "pod-security",
    /created/,
  ],
  ["no pool", { ...healthy, pools: { status: 0, stdout: "[]", stderr: "" } }, "pod-pool", /^only no pool$/],
  ["a pool of another network alone", healthy, "pod-pool", /^only \S+ \(10\.244\.0\.0\/16\)$/, otherPool],
  ["a disabled pool", edited("pools", '"cidr"', '"disabled":true,"cidr"'), "pod-pool", /is disabled$/],
  [
    "a label that is gone",
    edited("nodes", '"disk":"nvme",', ""),
    "labels-and-taints",
    /^worker1: label disk=nvme is not/,
  ],
  [
    "a label with another value",
    edited("nodes", '"disk":"nvme"', '"disk":"sata"'),
    "labels-and-taints",
    /label disk=nvme is disk=sata$/,
  ],
  [
    "a control plane without kubeadm's taint, where the settings give none",
    edited("nodes", `"key":"${controlPlaneTaint}"`, `"key":"example.org/other"`),
    "labels-and-taints",
    /^cp1: taint node-role\.kubernetes\.io\/control-plane:NoSchedule is not there$/,
  ],
  [
    "a control plane that should have no taint and has kubeadm's",
    healthy,
    "labels-and-taints",
    /control-plane:NoSchedule is there and the settings leave it out$/,
    tainted([]),
  ],
  [
    "a node that takes no pods yet, for others don't see its routes",
    edited(
      "nodes",
      `"key":"maintenance","value":"later","effect":"PreferNoSchedule"`,
      `"key":"kjerne.io/routes-not-seen","value":null,"effect":"NoSchedule"`,
    ),
    "labels-and-taints",
    /^worker1: taint kjerne\.io\/routes-not-seen:NoSchedule is there, and pulumi up says why/,
  ],
  [
    "a taint with another value",
    edited("nodes", `"taints":[`, `"taints":[{"key":"for","value":"web","effect":"NoSchedule"},`),
    "labels-and-taints",
    /^cp1: taint for=db:NoSchedule is not there$/,
    tainted([
      { key: "for", value: "db", effect: "NoSchedule" },
      { key: controlPlaneTaint, effect: "NoSchedule" },
    ]),
  ],
  [
    "a node that is not Ready",
    { ...healthy, nodes: { status: 0, stdout: oneReady, stderr: "" } },
    "nodes-ready",
    /^worker1 is not Ready$/,
  ],
  ["a node that has not joined", edited("nodes", '"worker1"', '"stranger"'), "nodes-ready", /worker1 has not joined/],
  ["another version", edited("nodes", "v1.36.3", "v1.35.4"), "nodes-ready", /cp1 runs v1\.35\.4/],
  [
    "a system pod that hangs in a crash loop",
    edited(
      "pods",
      /(?<="namespace":"kube-system","name":"coredns[^}]*"ready":)true,"reason":""/,
      'false,"reason":"CrashLoopBackOff"',
    ),
    "pods-running",
    /^kube-system\/coredns-\S+ on \S+: Running, not Ready \(CrashLoopBackOff\)$/,
  ],
  [
    "a calico-node that was evicted and not replaced",
    edited("pods", /(?<="name":"calico-node-[^}]*"phase":)"Running","ready":true/, '"Failed","ready":false'),
    "system-running",
    /^no Ready calico-node on (cp1|worker1)$/,
  ],
  ["a control plane without etcd", edited("pods", '"etcd-cp1"', '"other"'), "system-running", /^no Ready etcd on cp1$/],
  [
    "a DNS of which a replica is missing",
    edited("workloads", /(?<="name":"coredns"[^}]*"ready":)2/, "1"),
    "system-running",
    /^kube-system\/coredns: 1 of 2 replicas Ready$/,
  ],
  [
    "a DNS that was scaled to nothing",
    edited("workloads", /(?<="name":"coredns"[^}]*)"wanted":2,"ready":2/, '"wanted":0,"ready":0'),
    "system-running",
    /^kube-system\/coredns has no replicas$/,
  ],
];
