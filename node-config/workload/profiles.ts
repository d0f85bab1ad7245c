import type { Condition, ProfileName } from "./choice";

/** What a profile is, for people. Each sentence is about one thing. */
export interface Profile {
  readonly is: string;
  readonly turnsOn: readonly string[];
  /** What goes with it no longer. */
  readonly rulesOut: readonly string[];
  /** What belongs to it and kjerne does not do. */
  readonly notHere: readonly string[];
}

const everywhere =
  "Pods by BGP without encapsulation: no second header, and the whole MTU of the network card; unless network.calico.encapsulation says otherwise.";
const dedicated = [
  "The kernel profile low-latency on every node: the card is polled before a process sleeps, and no pages move between NUMA nodes.",
  "On workers, CPUs that pods have for themselves: kubelet's CPU manager static, with some CPUs reserved for the system (kubernetes.exclusiveCpus). Only pods whose requests are whole CPUs and equal their limits get them.",
  "On workers, kubelet's topology manager, policy restricted: CPUs and devices of a pod come from as few NUMA nodes as can hold them, or the pod is refused.",
  "Huge pages of 2 MiB on workers, as many as kubernetes.hugePagesMiB says: none of its own accord, for they are taken from everybody else.",
];
const pinned =
  "Virtual CPUs of workers that wander over the hypervisor's: pinnedCpus is wanted of each worker that kjerne makes.";
const hypervisorsOwn =
  "Interrupts and power states of hypervisors: kjerne sets neither; tuned's profile network-latency does.";
const virtualNuma =
  "NUMA nodes of virtual machines: kjerne shows them one, so that the topology manager has nothing to choose there.";

export const profiles: Readonly<Record<ProfileName, Profile>> = {
  general: {
    is: "Routed pods at the speed of the network card, with nothing else to look after.",
    turnsOn: [everywhere],
    rulesOut: [],
    notHere: [],
  },
  throughput: {
    is: "As few packets as possible for large data: jumbo frames from pod to pod.",
    turnsOn: [
      everywhere,
      "Jumbo frames: network.mtu above 1500, on cards, bridges and pods. Each up sends packets of full size between nodes and between pods, and fails where a hop drops them.",
    ],
    rulesOut: ["A path of 1500 bytes: one hop that carries less makes large packets vanish, and small ones arrive."],
    notHere: ["Switches and bridges carry jumbo frames only if whoever runs them says so; kjerne sets neither."],
  },
  latency: {
    is: "Processors that wait for packets: CPUs of their own for machines and pods.",
    turnsOn: [everywhere, ...dedicated],
    rulesOut: [pinned, "Workers that give away every CPU: one at least stays with the system, and one is for pods."],
    notHere: [hypervisorsOwn, virtualNuma],
  },
  hpc: {
    is: "Everything of latency, and a second interface for pods that ask, on a network beside that of all pods.",
    turnsOn: [
      everywhere,
      ...dedicated,
      "A second interface on a fabric, where network.fabric names it: pods of the RuntimeClass fabric have eth1 there (macvlan), with jumbo frames, without a daemon. The namespaces that may ask are listed; the profile alone makes no fabric, for it can't know the cards.",
    ],
    rulesOut: [pinned, "Workers that give away every CPU: one at least stays with the system, and one is for pods."],
    notHere: [
      "A second card of virtual machines that kjerne makes: only machines that were there before have one.",
      "SR-IOV, RDMA and InfiniBand: Multus with a device plugin adds these, which kjerne neither installs nor checks.",
      "NetworkPolicies reach no second interface, whoever adds it: what passes there is for the fabric to refuse.",
      hypervisorsOwn,
      virtualNuma,
    ],
  },
};

/** Another network, when it is the better choice, and what is lost by it. kjerne installs none of them. */
export interface Alternative {
  readonly name: string;
  readonly betterWhen: string;
  readonly costs: string;
  /** Answers that speak for it. @default - the six questions don't decide it */
  readonly when?: Condition;
}

export const alternatives: readonly Alternative[] = [
  {
    name: "Cilium",
    betterWhen:
      "Policies have to know HTTP paths, DNS names or identities; or flows have to be seen one by one (Hubble); or Services are so many and so short-lived that kube-proxy is the limit, which eBPF then replaces.",
    costs:
      "A kernel and an agent that somebody knows well: what a packet does is decided in eBPF programs, not in the routing table that `ip route` shows.",
  },
  {
    name: "Flannel",
    betterWhen:
      "The cluster is small, nobody needs NetworkPolicies, and the network under the nodes belongs to somebody who will not speak BGP.",
    costs:
      "No NetworkPolicies at all, so no default deny; VXLAN by default, which takes 50 bytes of each packet and work on both ends.",
    when: {
      priority: ["simplicity"],
      communication: ["rarely", "often"],
      latency: ["tolerant"],
      directAccess: ["unneeded"],
    },
  },
  {
    name: "Weave Net",
    betterWhen: "Never for a new cluster: its repository was archived in 2024, and nobody mends its faults.",
    costs:
      "Where it runs, it is time to leave it; what it was liked for, encryption by one password, Calico and Cilium do with WireGuard.",
  },
  {
    name: "An overlay (VXLAN or IPIP) of Calico's own",
    betterWhen:
      "The network under the nodes drops addresses that it does not know (port security of a cloud), or nodes stand in several segments and the routers between them can't be peers.",
    costs:
      "20 to 50 bytes of each packet, and routers outside can't reach pods. An `up` that finds such a network refuses it, and names the setting: network.calico.encapsulation.",
    when: { priority: ["simplicity"], eastWest: ["little"], latency: ["tolerant"], directAccess: ["unneeded"] },
  },
  {
    name: "Multus, with Calico for eth0",
    betterWhen:
      "Pods need several networks, SR-IOV or RDMA; one Ethernet fabric they have without it (network.fabric).",
    costs: "A daemon on each node, definitions for each network, and interfaces that NetworkPolicies don't reach.",
    when: { directAccess: ["needed"] },
  },
];
