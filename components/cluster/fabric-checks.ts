import { z } from "zod";
import { fabricApart, fabricOfNodes, rangesForNodes } from "../../node-config/values/fabric";
import { type CrossCheck, crossCheck, network, node } from "./cross-check";
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
        z.object({ name: node.shape.name, machine: z.object({ fabricInterface: z.string().optional() }).optional() }),
      ),
    },
    ({ network, nodes }) => fabricOfNodes(network.fabric !== undefined, nodes),
  ),
];
