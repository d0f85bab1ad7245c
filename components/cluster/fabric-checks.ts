import { z } from "zod";
import {
  bridgesApart,
  fabricApart,
  fabricOfNodes,
  functionsOfCards,
  rangesForNodes,
} from "../../node-config/values/fabric";
import { type CrossCheck, crossCheck, hypervisor, network, node } from "./cross-check";
import { fabric } from "./fabric-keys";

const { nodeCidr, podCidr, serviceCidr } = network.shape;
const cidr = fabric.pick({ cidr: true }).loose();

/** What the fabric asks of nodes and of other networks. */
export const fabricChecks: readonly CrossCheck[] = [
  crossCheck({ network: z.object({ nodeCidr, fabric: cidr }) }, ({ network: { nodeCidr, fabric } }) =>
    rangesForNodes(fabric.cidr, nodeCidr),
  ),
  crossCheck(
    { network: z.object({ nodeCidr, podCidr, serviceCidr, fabric: cidr }) },
    ({ network: { fabric, ...others } }) => fabricApart(fabric.cidr, others),
  ),
  crossCheck(
    {
      network: z.object({ fabric: z.unknown().optional() }),
      nodes: z.array(
        z.object({
          ...{ name: node.shape.name, role: node.shape.role.optional(), hypervisor: z.string().optional() },
          machine: z.object({ fabricInterface: z.string().optional() }).optional(),
        }),
      ),
      hypervisors: z.array(hypervisor.pick({ name: true, fabricBridge: true })).default([]),
    },
    ({ network, nodes, hypervisors }) => fabricOfNodes(network.fabric !== undefined, nodes, hypervisors),
  ),
  crossCheck(
    {
      network: z.object({ fabric: fabric.pick({ kind: true }).loose() }),
      hypervisors: z.array(hypervisor.pick({ name: true, fabricBridge: true })),
    },
    ({ network, hypervisors }) => functionsOfCards(network.fabric.kind, hypervisors),
  ),
  crossCheck(
    { hypervisors: z.array(hypervisor.pick({ name: true, bridge: true, fabricBridge: true })) },
    ({ hypervisors }) => bridgesApart(hypervisors),
  ),
];
