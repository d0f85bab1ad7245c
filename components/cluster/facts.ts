import type { DoorFacts } from "../../node-config/doors";
import type { ClusterFacts } from "../../node-config/kubeadm";
import { modulesIn } from "../../node-config/modules";
import { nodeFiles } from "../../node-config/node-files";
import type { Pace } from "../../node-config/pace";
import { sysctlFiles, sysctlsIn } from "../../node-config/sysctl";
import { systemNamespaces } from "../../node-config/values/denied-namespaces";
import type { HypervisorArgs, ResourceDemand } from "../hypervisor/hypervisor";
import type { CalicoFacts } from "../network/calico-manifest";
import { clusterDefaultDenyPolicy } from "../security/cluster-default-deny";
import { defaultDenyPolicies } from "../security/default-deny";
import { allowAll } from "../security/network-policies";
import { openingsOf } from "../security/openings";
import {
  type Door,
  openNamespace,
  probeAllow,
  probeNamespace,
  type Wanted,
  type WantedNode,
  type WantedProbe,
} from "../verify/wanted";
import type { ClusterArgs } from "./cluster-args";
import { type CompleteClusterArgs, type CompleteNodeSpec, isExisting } from "./with-defaults";

/** What is true of the whole cluster and decided before anything runs: input of everything in `node-config/`. */
export function clusterFacts(name: string, args: CompleteClusterArgs): ClusterFacts {
  return {
    name,
    kubernetesVersion: args.kubernetes.version,
    endpoint: args.kubernetes.endpoint,
    podCidr: args.network.podCidr,
    serviceCidr: args.network.serviceCidr,
    pace: args.virtualisation === "emulated" ? "emulated" : "bare-metal",
    controlPlanes: controlPlanesOf(args).length,
    ...(args.otherNamespaces === "reported" ? { podSecurity: "reported" } : {}),
    ...(args.nodes.some(isContainer) ? { containers: true } : {}),
  };
}

/** How Calico connects the pods of this cluster. */
export function calicoFacts({ network, calico, kubernetes }: CompleteClusterArgs, pace: Pace): CalicoFacts {
  const { autodetection, blockSize } = calico;
  const { podCidr, mtu } = network;
  const { host, port } = kubernetes.endpoint;
  return { podCidr, blockSize, autodetection, mtu, proxyMode: kubernetes.proxy.mode, pace, endpoint: { host, port } };
}

/** Who has business with the nodes' own services. Of other nodes only control planes: a worker more changes no other. */
export function doorFacts(args: CompleteClusterArgs): DoorFacts {
  const { calico, hypervisors, kubernetes, network } = args;
  const { podCidr, serviceCidr, nodeCidr, nameservers, operators, openToPods } = network;
  const { addresses, port } = apiOf(args);
  return {
    ...{ podCidr, serviceCidr, nodeCidr, nameservers, operators, openToPods },
    controlPlanes: addresses,
    apiPorts: [port, kubernetes.endpoint.port],
    routers: calico.peers.map(({ address }) => address),
    hypervisors: hypervisors.map(({ address }) => address),
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

/** What the verification must find on the running cluster, from the same files and facts that it was built from. */
export function wantedOf(args: CompleteClusterArgs): Wanted {
  const { kubernetes, calico, hypervisors, network, nodes } = args;
  const facts = clusterFacts("wanted", args);
  const files = nodeFiles(facts, { name: "any", address: "any" }, [], kubernetes.proxy.mode);
  const emulated = hypervisors.filter(({ pool }) => pool.medium === "emulated").map(({ name }) => name);
  return {
    nodes: args.nodes.map((node) => wantedNode(node, network)),
    kubernetesVersion: kubernetes.version,
    proxy: kubernetes.proxy,
    modules: modulesIn(files),
    sysctls: sysctlsIn({ ...files, ...sysctlFiles(kubernetes.sysctlProfiles) }),
    policies: args.defaultDeny.flatMap(({ name }) => {
      const allow = openingsOf(name, args.defaultDeny);
      const { allows, denies } = defaultDenyPolicies({ namespaces: [name], allow, api: apiOf(args) });
      return [...allows, ...denies];
    }),
    ...(args.otherNamespaces === "closed" ? { clusterPolicy: clusterPolicyOf(args) } : {}),
    bgpPeers: calico.peers.map(({ name, address }) => ({ name, address })),
    systemNamespaces,
    podCidr: network.podCidr,
    mtu: network.mtu,
    // A processor that software plays starts its clock from one that counts whole seconds.
    clockSeconds: args.virtualisation === "emulated" ? 5 : 1,
    stealPercent: args.virtualisation === "emulated" ? 100 : 5,
    probe: probeOf(args),
    remarks: [
      ...emulated.map(
        (name) => `The pool of ${name} is declared as emulated: nothing here says how fast its disks are.`,
      ),
      ...(network.timeServers.length > 0 || nodes.every(isExisting)
        ? []
        : [
            "network.timeServers is empty: virtual machines start with their hypervisor's clock and nobody corrects it after that.",
          ]),
      ...nodes
        .filter(isContainer)
        .map(
          ({ name }) =>
            `${name} is a system container: kernel, modules, clock, CPU steal, size of the connection table and kernel settings outside net.* are its host's, and nothing here speaks of them.`,
        ),
    ],
  };
}

function clusterPolicyOf(args: CompleteClusterArgs): NonNullable<Wanted["clusterPolicy"]> {
  const { metadata, spec } = clusterDefaultDenyPolicy({ api: apiOf(args) });
  return { metadata, spec };
}

function wantedNode(node: CompleteNodeSpec, { timeServers }: CompleteClusterArgs["network"]): WantedNode {
  const { name, role, address, taints, labels } = node;
  const chrony = timeServers.length > 0 ? ({ clock: "chrony" } as const) : {};
  return {
    ...{ name, role, address },
    ...(taints ? { taints } : {}),
    ...(labels ? { labels } : {}),
    ...(isContainer(node) ? { container: true } : isExisting(node) ? { clock: "kernel" } : chrony),
  };
}

/** Policies as DefaultDeny makes them, for the namespace of the probes. */
function probeOf(args: CompleteClusterArgs): WantedProbe {
  const { from, to, ...port } = probeAllow;
  const pods = (app: string) => ({ namespace: probeNamespace, labels: { app } });
  const { allows, denies } = defaultDenyPolicies({
    namespaces: [probeNamespace],
    allow: [{ from: pods(from), to: pods(to), ...port }],
    api: apiOf(args),
  });
  return {
    image: args.kubernetes.probeImage,
    policies: [...allows, ...denies, allowAll(openNamespace)],
    doors: doorsOf(args),
  };
}

/**
 * Services of machines with which no pod has business: of each hypervisor, and of one node of each role, for others are
 * like them. The API server's is not among them: pods may ask it.
 */
function doorsOf({ hypervisors, nodes, network }: CompleteClusterArgs): readonly Door[] {
  const ofRole = (role: string) => nodes.filter((node) => node.role === role).slice(0, 1);
  const ports = (node: CompleteNodeSpec) => [
    ["ssh", (isExisting(node) && node.machine.port) || 22] as const,
    ["BGP", 179] as const,
    ...(network.openToPods.includes(10250) ? [] : [["kubelet", 10250] as const]),
    ...(node.role === "control-plane" ? [["etcd", 2379] as const] : []),
  ];
  return [
    ...hypervisors.slice(0, 8).map(({ name, address }) => ({ name: `ssh of hypervisor ${name}`, address, port: 22 })),
    ...[...ofRole("control-plane"), ...ofRole("worker")].flatMap((node) =>
      ports(node).map(([service, port]) => ({ name: `${service} of ${node.name}`, address: node.address, port })),
    ),
  ];
}

function isContainer(node: CompleteNodeSpec): boolean {
  return isExisting(node) && node.machine.container === true;
}

/** Where the API servers listen: kubeadm's port, even if the endpoint has another one. */
export function apiOf(args: CompleteClusterArgs): { addresses: string[]; port: number } {
  return { addresses: controlPlanesOf(args).map((node) => node.address), port: 6443 };
}

function controlPlanesOf({ nodes }: CompleteClusterArgs): CompleteNodeSpec[] {
  return nodes.filter((node) => node.role === "control-plane");
}

/**
 * How connections to nodes are pinned. A preview can't know the keys of machines that kjerne makes: create-node.sh
 * generates them on the hypervisor.
 */
export function sshHostKeysOf(nodes: ClusterArgs["nodes"]): { algorithm: string; readFrom: string } {
  const readFrom = [
    ...(nodes.every(isExisting) ? [] : ["the hypervisor that makes the node"]),
    ...(nodes.some(isExisting) ? ["the settings"] : []),
  ];
  return { algorithm: "ssh-ed25519", readFrom: readFrom.join(" or ") };
}
