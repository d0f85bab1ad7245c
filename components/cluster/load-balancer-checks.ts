import { z } from "zod";
import { announcedAlone, announcedToRouters } from "../../node-config/values/load-balancers";
import { type CrossCheck, calico, crossCheck, hypervisor, network, node } from "./cross-check";
import { fabric } from "./fabric-keys";

const { loadBalancerCidrs, nodeCidr, podCidr, serviceCidr, gateway, nameservers, timeServers } = network.shape;
const routers = z.object({ peers: calico.shape.peers });
const placed = { name: true, address: true } as const;

/** What addresses of Services ask of networks, machines and routers. */
export const loadBalancerChecks: readonly CrossCheck[] = [
  crossCheck({ network: z.object({ loadBalancerCidrs, calico: routers }) }, ({ network }) =>
    announcedToRouters(network.loadBalancerCidrs, network.calico.peers),
  ),
  crossCheck(
    {
      network: z.object({ loadBalancerCidrs, nodeCidr, podCidr, serviceCidr }),
    },
    ({ network: { loadBalancerCidrs, ...networks } }) => announcedAlone(loadBalancerCidrs, networks, []),
  ),
  crossCheck(
    { network: z.object({ loadBalancerCidrs, fabric: fabric.pick({ cidr: true }).loose() }) },
    ({ network: { loadBalancerCidrs, fabric } }) =>
      announcedAlone(loadBalancerCidrs, { "fabric.cidr": fabric.cidr }, []),
  ),
  crossCheck(
    {
      network: z.object({ loadBalancerCidrs, gateway, nameservers, timeServers, calico: routers }),
      nodes: z.array(node.pick(placed)),
      hypervisors: z.array(hypervisor.pick(placed)).default([]),
    },
    ({ network, nodes, hypervisors }) =>
      announcedAlone(network.loadBalancerCidrs, {}, [
        ["network.gateway", network.gateway],
        ...network.nameservers.map((address) => ["one of network.nameservers", address] as const),
        ...network.timeServers.map((address) => ["one of network.timeServers", address] as const),
        ...network.calico.peers.map(({ name, address }) => [`router ${name}`, address] as const),
        ...nodes.map(({ name, address }) => [`node ${name}`, address] as const),
        ...hypervisors.map(({ name, address }) => [`hypervisor ${name}`, address] as const),
      ]),
  ),
];
