import { z } from "zod";
import { judgeProxyMode } from "../../node-config/proxy-mode";
import * as networks from "../../node-config/values/networks";
import { forwards, ofOneRelease } from "../../node-config/values/software";
import { requirePair, versions } from "../../node-config/versions";
import { backupChecks } from "./backup-checks";
import { type CrossCheck, calico, crossCheck, hypervisor, kubernetes, network, node, peers } from "./cross-check";
import { encapsulationChecks } from "./encapsulation-checks";
import { endpointChecks } from "./endpoint-checks";
import { fabricChecks } from "./fabric-checks";
import { loadBalancerChecks } from "./load-balancer-checks";
import { machineChecks } from "./machine-checks";
import { routerChecks } from "./router-checks";
import { supplyKeys } from "./settings-keys";
import { workloadChecks } from "./workload-checks";

const hosts = <Keys extends z.ZodRawShape>(keys: z.ZodObject<Keys>) => z.array(keys).default([]);
const { nodeCidr, gateway, nameservers, timeServers, podCidr, serviceCidr } = network.shape;
const placed = { name: true, address: true } as const;
const endpoint = kubernetes.pick({ endpoint: true });
const others = z.object({ gateway, nameservers, timeServers, calico: z.object({ peers }) });

const addressChecks: readonly CrossCheck[] = [
  crossCheck(
    {
      hypervisors: hosts(hypervisor.pick({ name: true, address: true })),
      nodes: z.array(node.pick(placed)),
    },
    ({ hypervisors, nodes }) => networks.uniqueAddresses(hypervisors, nodes),
  ),
  crossCheck({ nodes: z.array(node.pick({ name: true, address: true, machine: true })) }, ({ nodes }) =>
    networks.uniqueLogins(nodes),
  ),
  crossCheck({ nodes: z.array(node.pick(placed)), network: z.object({ nodeCidr }) }, ({ nodes, network }) =>
    nodes.flatMap(({ name, address }) =>
      networks.insideNodeNetwork(`nodes: the address of ${name}`, address, network.nodeCidr),
    ),
  ),
  crossCheck({ network: z.object({ nodeCidr, gateway }) }, ({ network: { nodeCidr, gateway } }) =>
    networks.insideNodeNetwork("network.gateway", gateway, nodeCidr),
  ),
  crossCheck({ nodes: z.array(node.pick(placed)), network: others }, ({ nodes, network }) =>
    networks.nodesApart(nodes, { ...network, peers: network.calico.peers }),
  ),
  crossCheck({ network: z.object({ calico: z.object({ peers }) }) }, ({ network }) =>
    networks.peersApart(network.calico.peers),
  ),
  crossCheck(
    {
      hypervisors: hosts(hypervisor.pick(placed)),
      nodes: z.array(node.pick({ ...placed, role: true })),
      kubernetes: endpoint,
      network: others,
    },
    ({ hypervisors, nodes, kubernetes: { endpoint }, network }) =>
      networks.endpointAnswers(endpoint, nodes, hypervisors, { ...network, peers: network.calico.peers }),
  ),
];

const networkChecks: readonly CrossCheck[] = [
  crossCheck({ network: z.object({ nodeCidr, podCidr, serviceCidr }) }, ({ network }) => networks.disjoint(network)),
  crossCheck(
    {
      network: others.extend({ nodeCidr, podCidr, serviceCidr }),
      hypervisors: hosts(hypervisor.pick(placed)),
      supply: z
        .object({
          packages: z.array(z.object({ uri: z.string() })).catch([]),
          imageMirrors: z.array(z.object({ mirror: z.string() })).catch([]),
        })
        .catch({ packages: [], imageMirrors: [] }),
    },
    ({ network, hypervisors, supply }) => {
      const { nameservers, timeServers, calico, ...own } = network;
      return networks.outsideCluster(
        [
          ...nameservers.map((address, at) => [`network.nameservers[${at}]`, address] as const),
          ...timeServers.map((address, at) => [`network.timeServers[${at}]`, address] as const),
          ...calico.peers.map(({ name, address }) => [`network.calico.peers: router ${name}`, address] as const),
          ...hypervisors.map(({ name, address }) => [`hypervisors: the address of ${name}`, address] as const),
          ...networks.hostsOf(
            "supply.packages[*].uri",
            supply.packages.map(({ uri }) => uri),
          ),
          ...networks.hostsOf(
            "supply.imageMirrors[*].mirror",
            supply.imageMirrors.map(({ mirror }) => mirror),
          ),
        ],
        own,
      );
    },
  ),
  crossCheck(
    {
      network: z.object({ podCidr, calico: calico.pick({ blockSize: true }) }),
      nodes: z.array(z.unknown()),
    },
    ({ network: { podCidr, calico }, nodes }) => networks.enoughBlocks(podCidr, calico.blockSize, nodes.length),
  ),
  crossCheck(
    {
      network: z.object({ calico: calico.pick({ autodetection: true }) }),
      nodes: z.array(node.pick(placed)),
    },
    ({ network: { calico }, nodes }) => networks.foundByCidr(calico.autodetection ?? "", nodes),
  ),
];

const softwareChecks: readonly CrossCheck[] = [
  crossCheck(
    { kubernetes: kubernetes.pick({ version: true }), network: z.object({ calico: calico.pick({ version: true }) }) },
    ({ kubernetes, network: { calico } }) => {
      try {
        requirePair(kubernetes.version, calico.version);
        return [];
      } catch (error) {
        return [`kubernetes.version and network.calico.version: ${(error as Error).message}`];
      }
    },
  ),
  crossCheck(
    {
      kubernetes: kubernetes.pick({ version: true, proxy: true }),
      network: z.object({ calico: calico.pick({ version: true }) }),
    },
    ({ kubernetes: { version, proxy }, network: { calico } }) => {
      const { refusal } = judgeProxyMode(proxy.mode, version, versions.proxyModes, calico.version);
      return refusal ? [`kubernetes.proxy.mode: ${refusal}`] : [];
    },
  ),
  crossCheck(
    {
      hypervisors: z.array(z.unknown()).min(1),
      supply: z.object({ ...supplyKeys, packages: z.array(z.object({ suite: z.string() })) }),
    },
    ({ supply: { debian, packages } }) => ofOneRelease(debian, packages, versions.debianOfNodes),
  ),
  crossCheck({ kubernetes: kubernetes.pick({ sysctlProfiles: true }) }, ({ kubernetes }) =>
    forwards(kubernetes.sysctlProfiles),
  ),
];

/** What in settings contradicts something else in them. `raw` may have other mistakes too. */
export function crossChecks(raw: unknown): string[] {
  const all = [
    machineChecks,
    addressChecks,
    endpointChecks,
    routerChecks,
    encapsulationChecks,
    fabricChecks,
    loadBalancerChecks,
    networkChecks,
    softwareChecks,
    workloadChecks,
    backupChecks,
  ].flat();
  return [...new Set(all.flatMap((check) => check(raw)))];
}
