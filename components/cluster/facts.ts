import { backupPackages } from "../../node-config/backup";
import type { DoorFacts } from "../../node-config/doors";
import { type FabricFacts, fabricLabels, secondCardOf } from "../../node-config/fabric";
import type { ClusterFacts } from "../../node-config/kubeadm";
import type { Pace } from "../../node-config/pace";
import { fabricRange } from "../../node-config/values/fabric";
import { lookPackages, verifierPackages } from "../../node-config/verification";
import { vrrpPackages } from "../../node-config/vrrp";
import { type Choice, choose } from "../../node-config/workload/choice";
import type { HypervisorArgs, ResourceDemand } from "../hypervisor/hypervisor";
import type { BgpFacts, BgpPeer } from "../network/bgp-resources";
import type { CalicoFacts } from "../network/calico-manifest";
import type { TrialFacts } from "../trial/judge";
import type { NodeSpec } from "./machine-specs";
import { type CompleteClusterArgs, type CompleteNodeSpec, isContainer, isExisting } from "./with-defaults";

/** What is true of the whole cluster and decided before anything runs: input of everything in `node-config/`. */
export function clusterFacts(name: string, args: CompleteClusterArgs): ClusterFacts {
  return {
    name,
    kubernetesVersion: args.kubernetes.version,
    endpoint: endpointOf(args),
    podCidr: args.network.podCidr,
    serviceCidr: args.network.serviceCidr,
    pace: args.virtualisation === "emulated" ? "emulated" : "bare-metal",
    controlPlanes: controlPlanesOf(args).length,
    ...(args.otherNamespaces === "reported" ? { podSecurity: "reported" } : {}),
    ...(args.kubernetes.slowEtcdDisk === "told" ? { slowEtcdDisk: "told" } : {}),
    ...(args.nodes.some(isContainer) ? { containers: true } : {}),
  };
}

function endpointOf({ kubernetes: { endpoint } }: CompleteClusterArgs): ClusterFacts["endpoint"] {
  const { by, ...where } = endpoint;
  return by === "yours" ? where : { ...where, by };
}

/** What nodes of a role need beside the packages of every node. */
export function furtherPackages(
  { kubernetes, backup, verification }: CompleteClusterArgs,
  role: "control-plane" | "worker",
): readonly string[] {
  const all = verification.everyMinutes ? lookPackages : [];
  if (role === "worker") return all;
  return [
    ...(kubernetes.endpoint.by === "vrrp" ? vrrpPackages : []),
    ...(backup ? backupPackages : []),
    ...(verification.everyMinutes ? verifierPackages : []),
    ...all,
  ];
}

/** How Calico connects the pods of this cluster. */
export function calicoFacts({ network, calico, kubernetes }: CompleteClusterArgs, pace: Pace): CalicoFacts {
  const { autodetection, blockSize, encapsulation } = calico;
  const { podCidr, mtu } = network;
  const { host, port } = kubernetes.endpoint;
  return {
    ...{ podCidr, blockSize, autodetection, mtu, proxyMode: kubernetes.proxy.mode, pace, endpoint: { host, port } },
    ...(encapsulation ? { encapsulation } : {}),
  };
}

/** What nodes tell each other and routers. */
export function bgpFacts({
  calico,
  kubernetes: { endpoint },
  network,
}: CompleteClusterArgs): Omit<BgpFacts, "meshPassword"> {
  const { loadBalancerCidrs } = network;
  return {
    asNumber: calico.asNumber,
    ...(loadBalancerCidrs.length > 0 ? { loadBalancerCidrs } : {}),
    ...(endpoint.by === "bgp" ? { endpoint: endpoint.address } : {}),
  };
}

/** What the network between the machines has to carry. */
export function trialFacts({ nodes, network, calico, virtualisation }: CompleteClusterArgs): TrialFacts {
  const { encapsulation, peers } = calico;
  return {
    nodes: nodes.map(({ name, role, address }) => ({ name, role, address })),
    podCidr: network.podCidr,
    mtu: network.mtu,
    ...(encapsulation ? { encapsulation } : {}),
    hasRouters: peers.length > 0,
    ...(virtualisation === "emulated" ? { seconds: 120 } : {}),
  };
}

/** The fabric as this node has it. Undefined where it has no card there. */
export function fabricFacts(
  { network: { fabric, nodeCidr }, hypervisors }: Pick<CompleteClusterArgs, "network" | "hypervisors">,
  node: CompleteNodeSpec,
): FabricFacts | undefined {
  const card = isExisting(node) ? node.machine.fabricInterface : secondCardOf(node, hypervisors);
  if (!fabric || card === undefined) return undefined;
  const { kind, cidr, mtu } = fabric;
  return { interface: card, kind, cidr, mtu, range: fabricRange(cidr, nodeCidr, node.address) };
}

/** Labels of the settings, and that by which pods find a node with a card on the fabric. */
export function labelsOf(
  args: Pick<CompleteClusterArgs, "network" | "hypervisors">,
  node: CompleteNodeSpec,
): Readonly<Record<string, string>> | undefined {
  return fabricFacts(args, node) ? { ...node.labels, ...fabricLabels } : node.labels;
}

/** Routers as Calico takes them: one of a rack has sessions with the nodes of that rack alone. */
export function peersOf({ calico }: CompleteClusterArgs): BgpPeer[] {
  const inRack = (name: string) => {
    const nodes = calico.racks.find((rack) => rack.name === name)?.nodes ?? [];
    return `kubernetes.io/hostname in { ${nodes.map((node) => `'${node}'`).join(", ")} }`;
  };
  return calico.peers.map(({ rack, ...peer }) => (rack ? { ...peer, nodeSelector: inRack(rack) } : peer));
}

/** Who has business with the nodes' own services. Of other nodes only control planes: a worker more changes no other. */
export function doorFacts(args: CompleteClusterArgs): DoorFacts {
  const { calico, hypervisors, kubernetes, network } = args;
  const { podCidr, serviceCidr, loadBalancerCidrs, nodeCidr, nameservers, operators, openToPods } = network;
  const { addresses, port } = apiOf(args);
  return {
    ...{ podCidr, serviceCidr, loadBalancerCidrs, nodeCidr, nameservers, operators, openToPods },
    controlPlanes: addresses,
    apiPorts: [port, kubernetes.endpoint.port],
    routers: calico.peers.map(({ address }) => address),
    hypervisors: hypervisors.map(({ address }) => address),
    ...(kubernetes.endpoint.by === "bgp" ? { endpoint: kubernetes.endpoint.address } : {}),
    verifiers: args.verification.everyMinutes ? addresses : [],
  };
}

/** What the nodes that lie on one hypervisor take of it. */
export function demandsOf(nodes: readonly CompleteNodeSpec[], hypervisor: string): ResourceDemand[] {
  return nodes
    .flatMap((node) => (isExisting(node) || node.hypervisor !== hypervisor ? [] : [node]))
    .map(({ name, role, memoryMiB, rootGiB, etcdGiB, pinnedCpus }) => ({
      name,
      memoryMiB,
      diskGiB: rootGiB + (role === "control-plane" ? etcdGiB : 0),
      ...(pinnedCpus ? { pinnedCpus } : {}),
    }));
}

/**
 * A lab's hypervisor is a namespace: it shares processors and clock with its machine. A real one keeps the defaults.
 */
export function requiredOf(
  virtualisation: CompleteClusterArgs["virtualisation"],
): Pick<HypervisorArgs, "maximumStealPercent" | "synchronisedClock"> {
  return virtualisation === "emulated" ? { maximumStealPercent: 100, synchronisedClock: false } : {};
}

/** Where the API servers listen: kubeadm's port, even if the endpoint has another one. */
export function apiOf(args: CompleteClusterArgs): { addresses: string[]; port: number } {
  return { addresses: controlPlanesOf(args).map((node) => node.address), port: 6443 };
}

function controlPlanesOf({ nodes }: CompleteClusterArgs): CompleteNodeSpec[] {
  return nodes.filter((node) => node.role === "control-plane");
}

/** The profile that the workload's answers choose, with its reasons, so that a preview shows why. */
export function chosenNetwork({ workload }: Pick<CompleteClusterArgs, "workload">): { networkProfile?: Choice } {
  return workload ? { networkProfile: choose(workload) } : {};
}

/**
 * How connections to nodes are pinned. A preview can't know the keys of machines that kjerne makes: create-node.sh
 * generates them on the hypervisor.
 */
export function sshHostKeysOf(nodes: readonly NodeSpec[]): { algorithm: string; readFrom: string } {
  const readFrom = [
    ...(nodes.every(isExisting) ? [] : ["the hypervisor that makes the node"]),
    ...(nodes.some(isExisting) ? ["the settings"] : []),
  ];
  return { algorithm: "ssh-ed25519", readFrom: readFrom.join(" or ") };
}
