import assert from "node:assert/strict";
import type { Answer } from "../../../components/verify/answers";
import type { Wanted } from "../../../components/verify/wanted";
import { type Answers, edited, healthy, refusals, wanted } from "./healthy";

/** A cluster in which one thing is wrong: what, what its nodes answer, the check that must fail, what that check finds. */
export type Failure = readonly [what: string, answers: Answers, id: string, found: RegExp, wanted?: Wanted];

const unknownKey = { ...wanted, sysctls: [{ key: "net.nope", value: "1" }] };
const otherPeer = { ...wanted, bgpPeers: [{ name: "router", address: "10.77.0.2" }] };
/** The node's clock is wrong by so much. */
const clocksAhead = (seconds: number): Answers => {
  const moved = ({ stdout, ...rest }: Answer) => ({ ...rest, stdout: `${Number(stdout) + seconds}\n` });
  const { clockBegan, clockEnded } = healthy as Record<string, Answer>;
  assert.ok(clockBegan && clockEnded);
  return { ...healthy, clockBegan: moved(clockBegan), clockEnded: moved(clockEnded) };
};

/** The node's own NIC in the place of a card on the fabric, with the MTU that the fabric would have. */
const onFabric = (card: string, mtu: number): Wanted => ({
  ...wanted,
  fabric: { mtu, kind: "ipvlan" },
  nodes: wanted.nodes.map((node) => ({ ...node, fabricInterface: card })),
});

const networksOf = (found: string, plugin = "ipvlan") =>
  edited("containerd", '"fabric": null', `"fabric": "${found}", "fabricPlugin": "${plugin}"`).containerd as Answer;
/** The answers of a node whose containerd has the networks of pods on the fabric. */
const withFabric = (answers: Answers): Answers => ({ ...answers, containerd: networksOf("OK") });

/** Failures of the checks that look at each node. Kernel settings fail in their kinds: exact, at least, several numbers. */
export const nodeFailures: readonly Failure[] = [
  ["a tunnel device", { ...healthy, links: refusals.links }, "tunnel-devices", /vxlan\.calico \(vxlan\)/],
  [
    "a session that is not Established",
    edited("bird", /Established(?=\s+Neighbor address: 10\.77\.0\.1\s)/, "Connect"),
    "bgp-sessions",
    /10\.77\.0\.1: Connect/,
  ],
  ["a peer without a session", healthy, "bgp-sessions", /10\.77\.0\.2: no session/, otherPeer],
  [
    "a route through another gateway",
    edited("routes", "10.77.0.21", "10.77.0.1"),
    "pod-routes",
    /no 10\.244\.235\.128\/26 via 10\.77\.0\.21 dev eth0/,
  ],
  [
    "a route through a tunnel",
    edited("routes", '"dev":"eth0"', '"dev":"tunl0"'),
    "pod-routes",
    /no 10\.244\.235\.128\/26/,
  ],
  [
    "no route at all",
    { ...healthy, routes: { status: 0, stdout: "[]", stderr: "" } },
    "pod-routes",
    /no 10\.244\.235\.128\/26/,
  ],
  ["a node without a block", edited("blocks", '"worker1"', '"cp1"'), "pod-routes", /worker1 holds no block/],
  ["a smaller MTU of the next pod", edited("cniConfig", '"mtu": 1500', '"mtu": 1450'), "pod-mtu", /1450/],
  [
    "a smaller MTU that Felix found out",
    { ...edited("cniConfig", '"mtu": 1500', '"mtu": 0'), cniMtu: { status: 0, stdout: "1450", stderr: "" } },
    "pod-mtu",
    /1450/,
  ],
  [
    "a NIC whose MTU is smaller than the settings'",
    edited("links", /(?<="ifname":"eth0"[^}]*"mtu":)1500/, "1400"),
    "nic-mtu",
    /^eth0: 1400$/,
  ],
  [
    "a bridge between the nodes that drops packets of the settings' MTU",
    edited("fullPackets", "full", "small"),
    "full-packets",
    /^1500 bytes do not reach worker1 \(10\.77\.0\.21\), smaller packets do$/,
  ],
  ["a card on the fabric that is gone", withFabric(healthy), "fabric-interface", /^no fab0$/, onFabric("fab0", 0)],
  [
    "a card on the fabric that is down",
    withFabric(edited("links", /(?<="ifname":"eth0"[^}]*"flags":\[[^\]]*)"UP",/, "")),
    "fabric-interface",
    /^eth0: down$/,
    onFabric("eth0", 1500),
  ],
  [
    "a card on the fabric that takes smaller packets than the settings say",
    withFabric(healthy),
    "fabric-mtu",
    /^1500$/,
    onFabric("eth0", 9000),
  ],
  [
    "a containerd that has read no networks for pods on the fabric",
    { ...healthy, containerd: networksOf("no network config found in /etc/cni/fabric.d") },
    "fabric-networks",
    /^no network config found in \/etc\/cni\/fabric\.d$/,
    onFabric("eth0", 1500),
  ],
  [
    "pods that still have interfaces of another kind than the settings say",
    { ...healthy, containerd: networksOf("OK", "macvlan") },
    "fabric-networks",
    /^OK, by macvlan$/,
    onFabric("eth0", 1500),
  ],
  [
    "a clock 10 minutes ahead of all",
    clocksAhead(600),
    "clock",
    /^10 min ahead of this machine's; 10 min ahead of worker1's$/,
  ],
  ["a clock two seconds behind", clocksAhead(-2), "clock", /^1\.\d s behind this machine's/],
  [
    "a chrony that no server of the settings answers",
    edited("chrony", "Normal", "Not synchronised"),
    "clock-synchronised",
    /^Not synchronised$/,
  ],
  [
    "a machine of the operator's whose clock nobody keeps right",
    edited("kernelClock", "true", "false"),
    "clock-synchronised",
    /^not synchronised$/,
    { ...wanted, nodes: wanted.nodes.map((node) => ({ ...node, clock: "kernel" })) },
  ],
  ["mode iptables", edited("proxyMode", /ipvs$/, "iptables"), "proxy-mode", /^iptables$/],
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
    edited("ipvs", "-a -u 10.96.0.10:53 -r 10.244.235.128:53 -m -w 1\n", ""),
    "ipvs-services",
    /UDP 10\.96\.0\.10:53 leads to 10\.244\.235\.130:53 instead of/,
  ],
  [
    "a DNS without endpoints",
    edited("services", '["10.244.235.128","10.244.235.130"]', "[]"),
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
    edited("sysctls", "131072", "32768"),
    "sysctl-net.netfilter.nf_conntrack_max",
    /^32768$/,
  ],
  [
    "one number of a sysctl of three",
    edited("sysctls", "6291456", "4194304"),
    "sysctl-net.ipv4.tcp_rmem",
    /^4096 131072 4194304$/,
  ],
  ["a sysctl that the kernel lacks", healthy, "sysctl-net.nope", /no such key/, unknownKey],
  ["cgroupfs", edited("containerd", "true", "false"), "cgroup-driver", /^cgroupfs$/],
  ["a containerd that does not say", edited("containerd", "true", "null"), "cgroup-driver", /^cgroupfs$/],
  ["stolen CPU time", edited("cpuAfter", " 0 0 0", " 587 0 0"), "cpu-steal", /^10\.0 %$/],
  ["a foreign host name", edited("hostname", "cp1", "localhost"), "hostname", /^localhost$/],
  [
    "a certificate that ends",
    edited("certificates", "etcd/server.crt notAfter=2027-11", "etcd/server.crt notAfter=2026-12"),
    "certificates",
    /etcd\/server\.crt: 29 days$/,
  ],
  ["no certificate", edited("certificates", /\n.*/s, ""), "certificates", /^no certificate$/],
];
