import { nodesReady, podsRunning, policiesStand, poolEncapsulation } from "./cluster-checks";
import type { ClusterFacts } from "./cluster-facts";
import { bgpSessions, ipvsServices, podMtu, podRoutes, proxyMode, tunnelDevices } from "./network-checks";
import type { NodeFacts } from "./node-facts";
import type { Check } from "./report";
import { certificates, cgroupDriver, cpuSteal, hostname, kernelModules, sysctl } from "./system-checks";
import type { Wanted, WantedNode } from "./wanted";

/** Judges what was read from the cluster as a whole. */
export function clusterChecks(wanted: Wanted, cluster: ClusterFacts): Check[] {
  return [
    nodesReady(wanted, cluster.nodes),
    podsRunning(cluster.pods),
    policiesStand(wanted.policies, cluster.policies),
    poolEncapsulation(cluster.pools),
  ];
}

/** Judges one node by what was read from it, and by what the API server says that it must hold. */
export function nodeChecks(wanted: Wanted, node: WantedNode, facts: NodeFacts, cluster: ClusterFacts): Check[] {
  const { name } = node;
  const { mode, scheduler } = wanted.proxy;
  const others = wanted.nodes.filter((other) => other.name !== name);
  const peers = [...others, ...wanted.bgpPeers].map(({ address }) => address);
  return [
    hostname(name, facts.hostname),
    bgpSessions(name, peers, facts.bgp),
    podRoutes(node, others, facts, cluster.blocks),
    tunnelDevices(name, facts.links),
    podMtu(node, facts),
    proxyMode(name, mode, facts.proxyMode),
    ...(mode === "ipvs" ? [ipvsServices(name, scheduler, facts, cluster.services)] : []),
    kernelModules(name, wanted.modules, facts.modules),
    ...wanted.sysctls.map((one) => sysctl(name, one, facts.sysctls)),
    cgroupDriver(name, facts.systemdCgroup),
    cpuSteal(name, wanted.stealPercent, facts.stealPercent),
    certificates(name, facts.certificates),
  ];
}
