import { z } from "zod";
import { announcedByEach, outsideNetworks } from "../../node-config/values/announced-endpoint";
import { insideNodeNetwork } from "../../node-config/values/networks";
import { type CrossCheck, calico, crossCheck, kubernetes, network, node } from "./cross-check";
import { fabric } from "./fabric-keys";

const { nodeCidr, podCidr, serviceCidr, loadBalancerCidrs } = network.shape;
const endpoint = kubernetes.pick({ endpoint: true });

/** What the address of the API server's endpoint asks of networks and routers. */
export const endpointChecks: readonly CrossCheck[] = [
  crossCheck(
    { kubernetes: endpoint, network: z.object({ nodeCidr }) },
    ({ kubernetes: { endpoint }, network: { nodeCidr } }) =>
      endpoint.by === "bgp" ? [] : insideNodeNetwork("kubernetes.endpoint.address", endpoint.address, nodeCidr),
  ),
  crossCheck(
    { kubernetes: endpoint, network: z.object({ nodeCidr, podCidr, serviceCidr, loadBalancerCidrs }) },
    ({ kubernetes: { endpoint }, network: { loadBalancerCidrs, ...networks } }) => {
      if (endpoint.by !== "bgp") return [];
      const announced = loadBalancerCidrs.map((cidr) => ["loadBalancerCidrs", cidr] as const);
      return outsideNetworks(endpoint.address, [...Object.entries(networks), ...announced]);
    },
  ),
  crossCheck(
    { kubernetes: endpoint, network: z.object({ fabric: fabric.pick({ cidr: true }).loose() }) },
    ({ kubernetes: { endpoint }, network: { fabric } }) =>
      endpoint.by === "bgp" ? outsideNetworks(endpoint.address, [["fabric.cidr", fabric.cidr]]) : [],
  ),
  crossCheck(
    {
      kubernetes: endpoint,
      nodes: z.array(node.pick({ name: true, role: true })),
      network: z.object({ calico: calico.pick({ racks: true, peers: true }) }),
    },
    ({ kubernetes: { endpoint }, nodes, network: { calico } }) =>
      endpoint.by === "bgp" ? announcedByEach(nodes, calico.peers, calico.racks) : [],
  ),
];
