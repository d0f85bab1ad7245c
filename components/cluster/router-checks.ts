import { z } from "zod";
import * as routers from "../../node-config/values/routers";
import { type CrossCheck, calico, crossCheck, network, node } from "./cross-check";

const { nodeCidr, podCidr, serviceCidr, operators } = network.shape;

/** What ties routers, racks and nodes together. */
export const routerChecks: readonly CrossCheck[] = [
  crossCheck(
    {
      nodes: z.array(node.pick({ name: true })),
      network: z.object({ calico: calico.pick({ asNumber: true, racks: true }) }),
    },
    ({ nodes, network: { calico } }) => routers.racksApart(calico.racks, nodes, calico.asNumber),
  ),
  crossCheck(
    {
      nodes: z.array(node.pick({ name: true })),
      network: z.object({ operators, calico: calico.pick({ reflectors: true, racks: true }) }),
    },
    ({ nodes, network: { operators, calico } }) =>
      routers.reflectorsOfOneSystem(calico.reflectors, nodes, calico.racks, operators),
  ),
  crossCheck({ network: z.object({ calico: calico.pick({ racks: true, peers: true }) }) }, ({ network: { calico } }) =>
    routers.routersOfKnownRacks(calico.peers, calico.racks),
  ),
  crossCheck(
    { network: z.object({ nodeCidr, podCidr, serviceCidr, calico: calico.pick({ peers: true }) }) },
    ({ network: { calico, ...own } }) => routers.acceptedElsewhere(calico.peers, own),
  ),
  crossCheck(
    { network: z.object({ calico: calico.pick({ asNumber: true, racks: true, peers: true }) }) },
    ({ network: { calico } }) => routers.keptBetweenSystems(calico.peers, calico.racks, calico.asNumber),
  ),
];
