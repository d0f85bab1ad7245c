import { mtuOfPods } from "../../node-config/encapsulation";
import type { Reading } from "./answers";
import { type ClockOffset, clock, clockSynchronised } from "./clock-checks";
import { labelsAndTaints, metricsAnswer, nodesReady, podPool, poolEncapsulation } from "./cluster-checks";
import { fabricChecks } from "./fabric-checks";
import { addressesAnnounced, addressesGiven } from "./load-balancer-checks";
import { echoTargets, fullPackets, nicMtu, podMtu } from "./mtu-checks";
import { bgpSessions, ipvsServices, podRoutes, proxyMode } from "./network-checks";
import type { ObservedCluster } from "./observed-cluster";
import type { ObservedNode } from "./observed-node";
import { podsRunning, systemRunning } from "./pod-checks";
import { clusterPolicyStands, objectsJudged, policiesStand, privilegedPodRefused } from "./policy-checks";
import type { Check } from "./report";
import { certificates, cgroupDriver, cpuSteal, hostname, kernelModules, sysctl } from "./system-checks";
import { tunnelDevices, tunnelledRoutes } from "./tunnel-checks";
import { volumeDirectories, volumesStand } from "./volume-checks";
import { sysctlsOf, type Wanted, type WantedNode } from "./wanted";

/** Judges what was read from the cluster as a whole. */
export function clusterChecks(wanted: Wanted, cluster: ObservedCluster): Check[] {
  return [
    nodesReady(wanted, cluster.nodes),
    labelsAndTaints(wanted, cluster.nodes),
    podsRunning(wanted, cluster),
    systemRunning(wanted, cluster),
    policiesStand(wanted.policies, cluster.policies),
    ...(wanted.clusterPolicy
      ? [clusterPolicyStands(wanted.clusterPolicy, cluster.globalPolicies), privilegedPodRefused(cluster.privilegedPod)]
      : []),
    ...(wanted.admission ? [objectsJudged(wanted.admission, cluster.admission)] : []),
    podPool(wanted.podCidr, cluster.pools),
    poolEncapsulation(wanted.encapsulation, cluster.pools),
    ...(wanted.loadBalancerCidrs ? [addressesGiven(wanted.loadBalancerCidrs, cluster.loadBalancers)] : []),
    ...(wanted.metricsServer ? [metricsAnswer(cluster.nodes, cluster.measured)] : []),
    ...(wanted.nodes.some(({ volumes }) => volumes) ? [volumesStand(wanted, cluster)] : []),
  ];
}

/**
 * Judges one node by its readings, by the blocks and Services that the API server has, and by how far each node's clock is
 * ahead.
 */
export function nodeChecks(
  wanted: Wanted,
  node: WantedNode,
  observed: ObservedNode,
  cluster: ObservedCluster,
  offsets: ReadonlyMap<string, Reading<ClockOffset>>,
): Check[] {
  const { name } = node;
  const { mtu, encapsulation } = wanted;
  const { mode, scheduler } = wanted.proxy;
  const others = wanted.nodes.filter((other) => other.name !== name);
  const toRouters = routersOf(name, wanted.bgpPeers);
  const { reflectors } = wanted;
  const met = others.filter((other) => !reflectors || reflectors.includes(name) || reflectors.includes(other.name));
  const peers = [...met.map(({ address }) => address), ...toRouters];
  return [
    hostname(name, observed.hostname),
    bgpSessions(name, peers, observed.bgp),
    encapsulation
      ? tunnelledRoutes(node, others, encapsulation, observed, cluster.blocks)
      : podRoutes(node, others, observed, cluster.blocks),
    ...(wanted.loadBalancerCidrs
      ? [addressesAnnounced(node, wanted.loadBalancerCidrs, toRouters, observed, cluster.nodes)]
      : []),
    tunnelDevices(name, encapsulation, observed.links),
    nicMtu(node, mtu, observed.links),
    podMtu(node, mtuOfPods(mtu, encapsulation), observed),
    fullPackets(node, mtu, echoTargets(wanted.nodes, node), observed.echoes),
    ...fabricChecks(wanted.fabric, node, observed),
    proxyMode(name, mode, observed.proxyMode),
    ...(mode === "ipvs" ? [ipvsServices(name, scheduler, observed, cluster.services)] : []),
    ...(node.container ? [] : [kernelModules(name, wanted.modules, observed.modules)]),
    ...sysctlsOf(wanted, node)
      .filter(({ key }) => !node.container || isOfNetworkNamespace(key))
      .map((one) => sysctl(name, one, observed.sysctls)),
    cgroupDriver(name, observed.systemdCgroup),
    ...(node.container ? [] : [cpuSteal(name, wanted.stealPercent, observed.stealPercent)]),
    clock(name, wanted.clockSeconds, offsets),
    ...(node.clock ? [clockSynchronised(name, node.clock, observed)] : []),
    certificates(name, observed.certificates),
    ...(node.volumes ? [volumeDirectories(node, observed.volumes)] : []),
  ];
}

/** Addresses of the routers with which a node has sessions. */
export function routersOf(node: string, bgpPeers: Wanted["bgpPeers"]): string[] {
  return bgpPeers.filter(({ nodes }) => nodes?.includes(node) ?? true).map(({ address }) => address);
}

/**
 * Whether a network namespace has a kernel setting of its own. The table of connections is one for all, so its size is
 * not. https://docs.kernel.org/networking/nf_conntrack-sysctl.html
 */
function isOfNetworkNamespace(key: string): boolean {
  const shared = ["net.netfilter.nf_conntrack_max", "net.netfilter.nf_conntrack_buckets"];
  return key.startsWith("net.") && !shared.includes(key);
}
