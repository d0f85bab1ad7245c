import type { CalicoBgpArgs } from "../network/calico-bgp";
import type { NodeMachine } from "../node/cluster-node";
import type { Member } from "./machines";
import type { CompleteClusterArgs } from "./with-defaults";

/** The nodes that pass on the routes of all others. One that was made anew, or whose Node was deleted, begins again. */
export function reflectorsOf(
  { calico }: Pick<CompleteClusterArgs, "calico">,
  members: readonly Member[],
  through: NodeMachine,
): Pick<CalicoBgpArgs, "reflectors"> {
  const nodes = calico.reflectors;
  if (nodes.length === 0) return {};
  const reflecting = members.filter(({ node }) => nodes.includes(node.name));
  const after = reflecting.flatMap(({ node, missing }) => [node.instanceId, missing ?? ""]);
  return { reflectors: { nodes, through, after } };
}
