import { nodesReady, podsRunning, policiesStand, poolEncapsulation } from "./cluster-checks";
import { bgpSessions, ipvsServices, podMtu, podRoutes, proxyMode, tunnelDevices } from "./network-checks";
import type { ObservedCluster } from "./observed-cluster";
import type { ObservedNode } from "./observed-node";
import type { Check } from "./report";
import { certificates, cgroupDriver, cpuSteal, hostname, kernelModules, sysctl } from "./system-checks";
import type { Wanted, WantedNode } from "./wanted";

/** Judges what was read from the cluster as a whole. */
export function clusterChecks(wanted: Wanted, cluster: ObservedCluster): Check[] {
  return [
    nodesReady(wanted, cluster.nodes),
    podsRunning(cluster.pods),
    policiesStand(wanted.policies, cluster.policies),
    poolEncapsulation(cluster.pools),
  ];
}

/** Judges one node by its readings, and by the blocks and Services that the API server has. */
export function nodeChecks(
  wanted: Wanted,
  node: WantedNode,
  observed: ObservedNode,
  cluster: ObservedCluster,
): Check[] {
  const { name } = node;
  const { mode, scheduler } = wanted.proxy;
  const others = wanted.nodes.filter((other) => other.name !== name);
  const peers = [...others, ...wanted.bgpPeers].map(({ address }) => address);
  return [
    hostname(name, observed.hostname),
    bgpSessions(name, peers, observed.bgp),
    podRoutes(node, others, observed, cluster.blocks),
    tunnelDevices(name, observed.links),
    podMtu(node, observed),
    proxyMode(name, mode, observed.proxyMode),
    ...(mode === "ipvs" ? [ipvsServices(name, scheduler, observed, cluster.services)] : []),
    ...(node.container ? [] : [kernelModules(name, wanted.modules, observed.modules)]),
    ...wanted.sysctls
      .filter(({ key }) => !node.container || isOfNetworkNamespace(key))
      .map((one) => sysctl(name, one, observed.sysctls)),
    cgroupDriver(name, observed.systemdCgroup),
    ...(node.container ? [] : [cpuSteal(name, wanted.stealPercent, observed.stealPercent)]),
    certificates(name, observed.certificates),
  ];
}

/**
 * Whether a network namespace has a kernel setting of its own. The table of connections is one for all, so its size is
 * not. https://docs.kernel.org/networking/nf_conntrack-sysctl.html
 */
function isOfNetworkNamespace(key: string): boolean {
  const shared = ["net.netfilter.nf_conntrack_max", "net.netfilter.nf_conntrack_buckets"];
  return key.startsWith("net.") && !shared.includes(key);
}
