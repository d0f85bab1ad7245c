import assert from "node:assert/strict";
import { test } from "node:test";
import type { Answer } from "../../components/verify/answers";
import { clusterChecks, nodeChecks } from "../../components/verify/checks";
import { clusterFacts } from "../../components/verify/cluster-facts";
import { nodeFacts } from "../../components/verify/node-facts";
import type { Check } from "../../components/verify/report";
import type { Wanted } from "../../components/verify/wanted";
import { healthy, recorded, wanted } from "./verify/healthy";

type Answers = Readonly<Record<string, Answer>>;

function checksOf(answers: Answers, expected: Wanted = wanted): Check[] {
  const ask = (name: string) => answers[name];
  const [cluster, node] = [clusterFacts(ask), expected.nodes[0]];
  assert.ok(node);
  return [...clusterChecks(expected, cluster), ...nodeChecks(expected, node, nodeFacts(ask), cluster)];
}

/** The healthy answers with one of them changed by hand. */
function edited(name: string, from: string | RegExp, to: string): Answers {
  const answer = healthy[name];
  assert.ok(answer, name);
  const stdout = answer.stdout.replace(from, to);
  assert.notEqual(stdout, answer.stdout, `${name} does not hold ${from}`);
  return { ...healthy, [name]: { ...answer, stdout } };
}

test("a healthy cluster passes every check", () => {
  const failed = checksOf(healthy).filter(({ passed }) => !passed);
  assert.deepEqual(failed, []);
});

test("nftables instead of IPVS asks for no IPVS entries", () => {
  const nftables: Wanted = { ...wanted, proxy: { mode: "nftables", scheduler: "rr" } };
  const failed = checksOf(edited("proxyMode", "ipvs", "nftables"), nftables).filter(({ passed }) => !passed);
  assert.deepEqual(failed, []);
});

const router = { ...wanted, bgpPeers: [{ name: "router", address: "10.77.0.1" }] };
const unknownKey = { ...wanted, sysctls: [{ key: "net.nope", value: "1" }] };
const otherPeer = { ...wanted, bgpPeers: [{ name: "router", address: "10.77.0.2" }] };
const oneReady = healthy.nodes?.stdout.replace(/("worker1", "ready": )true/, "$1false") ?? "";

const broken: [string, Answers, string, RegExp, Wanted?][] = [
  [
    "a tunnel device",
    { ...healthy, links: recorded.linksWithTunnel as Answer },
    "tunnel-devices",
    /vxlan\.calico \(vxlan\)/,
  ],
  ["a session that is not Established", healthy, "bgp-sessions", /10\.77\.0\.1: Connect/, router],
  ["a peer without a session", healthy, "bgp-sessions", /10\.77\.0\.2: no session/, otherPeer],
  [
    "a route through another gateway",
    edited("routes", "10.77.0.21", "10.77.0.1"),
    "pod-routes",
    /no 10\.244\.105\.128\/26 via 10\.77\.0\.21 dev eth0/,
  ],
  [
    "a route through a tunnel",
    edited("routes", '"dev":"eth0"', '"dev":"tunl0"'),
    "pod-routes",
    /no 10\.244\.105\.128\/26/,
  ],
  [
    "no route at all",
    { ...healthy, routes: { status: 0, stdout: "[]", stderr: "" } },
    "pod-routes",
    /no 10\.244\.105\.128\/26/,
  ],
  ["a node without a block", edited("blocks", '"worker1"', '"cp1"'), "pod-routes", /worker1 holds no block/],
  ["IPIP", edited("pools", '"ipipMode": "Never"', '"ipipMode": "Always"'), "pool-encapsulation", /ipipMode Always/],
  [
    "VXLAN",
    edited("pools", '"vxlanMode": "Never"', '"vxlanMode": "CrossSubnet"'),
    "pool-encapsulation",
    /vxlanMode CrossSubnet/,
  ],
  ["a deny taken away", edited("policies", "-all", "-ingress"), "network-policies", /default-deny-all is not there/],
  ["an opened deny", edited("policies", ', "Egress"', ""), "network-policies", /default-deny-all was changed/],
  ["no pool", { ...healthy, pools: { status: 0, stdout: "[]", stderr: "" } }, "pool-encapsulation", /no pool/],
  ["a smaller MTU of the next pod", edited("cniMtu", "1500", "1450"), "pod-mtu", /NIC 1500, pods 1500 and 1450/],
  ["another MTU in the configuration", edited("cniConfig", '"mtu": 0', '"mtu": 1440'), "pod-mtu", /1440/],
  ["mode iptables", edited("proxyMode", "ipvs", "iptables"), "proxy-mode", /^iptables$/],
  [
    "another scheduler",
    edited("ipvs", "-A -u 10.96.0.10:53 -s rr", "-A -u 10.96.0.10:53 -s wrr"),
    "ipvs-services",
    /UDP 10\.96\.0\.10:53 is scheduled wrr/,
  ],
  [
    "a Service that IPVS lacks",
    edited("ipvs", /-A -t 10\.96\.0\.1:443.*\n/, ""),
    "ipvs-services",
    /TCP 10\.96\.0\.1:443 is not there/,
  ],
  [
    "an endpoint that IPVS lacks",
    edited("ipvs", "-a -u 10.96.0.10:53 -r 10.244.9.1:53 -m -w 1\n", ""),
    "ipvs-services",
    /UDP 10\.96\.0\.10:53 leads to 10\.244\.105\.129:53 instead of/,
  ],
  [
    "a DNS without endpoints",
    edited("services", '["10.244.9.1", "10.244.105.129"]', "[]"),
    "ipvs-services",
    /has no endpoint/,
  ],
  [
    "a DNS that does not exist",
    edited("services", /"kube-dns"/g, '"other"'),
    "ipvs-services",
    /kube-system\/kube-dns does not exist/,
  ],
  ["a missing module", edited("modules", "ip_vs_sh\n", ""), "kernel-modules", /^ip_vs_sh is not loaded$/],
  ["another sysctl value", edited("sysctls", "ip_forward = 1", "ip_forward = 0"), "sysctl-net.ipv4.ip_forward", /^0$/],
  [
    "a sysctl below its floor",
    edited("sysctls", "262144", "65536"),
    "sysctl-net.netfilter.nf_conntrack_max",
    /^65536$/,
  ],
  [
    "one number of a sysctl of three",
    edited("sysctls", "16777216", "6291456"),
    "sysctl-net.ipv4.tcp_rmem",
    /^4096 131072 6291456$/,
  ],
  ["a sysctl that the kernel lacks", healthy, "sysctl-net.nope", /no such key/, unknownKey],
  ["cgroupfs", edited("containerd", "true", "false"), "cgroup-driver", /^cgroupfs$/],
  ["a containerd that does not say", edited("containerd", "true", "null"), "cgroup-driver", /^cgroupfs$/],
  ["stolen CPU time", edited("cpuAfter", " 5 0 0", " 50 0 0"), "cpu-steal", /^10\.0 %$/],
  ["a foreign host name", edited("hostname", "cp1", "localhost"), "hostname", /^localhost$/],
  [
    "a node that is not Ready",
    { ...healthy, nodes: { status: 0, stdout: oneReady, stderr: "" } },
    "nodes-ready",
    /^worker1 is not Ready$/,
  ],
  ["a node that has not joined", edited("nodes", '"worker1"', '"stranger"'), "nodes-ready", /worker1 has not joined/],
  ["another version", edited("nodes", "v1.36.3", "v1.35.4"), "nodes-ready", /cp1 runs v1\.35\.4/],
  [
    "a pod that is not Ready",
    edited("pods", '"ready": true', '"ready": false'),
    "pods-running",
    /kube-system\/coredns-1 on worker1: Running, not Ready/,
  ],
  ["no pod", { ...healthy, pods: { status: 0, stdout: "[]", stderr: "" } }, "pods-running", /there is no pod/],
];

for (const [what, answers, id, found, expected] of broken) {
  test(`${what} fails ${id} and nothing else`, () => {
    const failed = checksOf(answers, expected).filter(({ passed }) => !passed);
    assert.deepEqual(
      failed.map((check) => check.id),
      [id],
    );
    assert.match(failed[0]?.found ?? "", found);
    assert.ok(failed[0]?.wanted && failed[0]?.next);
  });
}

test("what cannot be read has failed, and says why", () => {
  const refused = { status: 1, stdout: "", stderr: "Connection refused\n" };
  for (const name of Object.keys(healthy).filter(
    (name) => !["//", "kernel", "bootId", "uptime", "linksWithTunnel"].includes(name),
  )) {
    const failed = checksOf({ ...healthy, [name]: refused }).filter(({ passed }) => !passed);
    assert.notEqual(failed.length, 0, name);
    for (const { found } of failed) assert.equal(found, "unreadable: Connection refused", name);
  }
});

test("real refusals of the tools are unreadable, not values", () => {
  for (const [name, id] of [
    ["ipvs", "ipvs-services"],
    ["proxyMode", "proxy-mode"],
    ["cniMtu", "pod-mtu"],
  ] as const) {
    const answers = { ...healthy, [name]: recorded[name] as Answer };
    assert.match(checksOf(answers).find((check) => check.id === id)?.found ?? "", /^unreadable: /);
  }
});

test("nonsense is unreadable", () => {
  for (const name of ["links", "routes", "proxyMode", "containerd", "cpuAfter", "nodes", "services"]) {
    const answers = { ...healthy, [name]: { status: 0, stdout: "<html>", stderr: "" } };
    const failed = checksOf(answers).filter(({ passed }) => !passed);
    assert.match(failed[0]?.found ?? "", /^unreadable: not understood/, name);
  }
});
