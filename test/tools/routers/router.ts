import { type RoutedCluster, type RouterFacts, routersOf } from "../../../node-config/routers/facts";

/** Of the sessions between the router and nodes. */
export const password = "kjerne-2#!";
export const router = { name: "tor1", address: "10.20.0.3", asNumber: 64500, authenticated: true };

/** What the router is configured by, as the settings of a cluster with these nodes have it. */
export function routerFacts(
  nodes: RoutedCluster["nodes"],
  endpoint: RoutedCluster["kubernetes"]["endpoint"],
  loadBalancerCidrs: readonly string[],
  calico: Partial<RoutedCluster["network"]["calico"]>,
): RouterFacts {
  const cluster: RoutedCluster = {
    ...{ name: "oslo", nodes, kubernetes: { endpoint } },
    network: {
      ...{ nodeCidr: "10.20.0.0/24", podCidr: "10.244.0.0/16", loadBalancerCidrs },
      calico: { asNumber: 64512, blockSize: 26, racks: [], peers: [router], ...calico },
    },
  };
  return routersOf(cluster)[0] as RouterFacts;
}
