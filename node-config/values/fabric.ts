import { addressOf, networkOf, numberOf } from "./addresses";
import { disjoint } from "./networks";

/** What ties the fabric to nodes and networks. Each function returns a sentence for each problem, with the way out. */

interface Node {
  readonly name: string;
  readonly machine?: { readonly fabricInterface?: string };
}

/** A node's range holds as many pods at least. */
const fewest = 16;

/**
 * The addresses that pods of one node get on the fabric. The node's place in the node network is that of its range on the
 * fabric: so no two ranges meet, and none moves when another node comes or goes.
 */
export function fabricRange(cidr: string, nodeCidr: string, address: string): [first: string, last: string] {
  const [fabric, nodes] = [networkOf(cidr), networkOf(nodeCidr)];
  const size = fabric.size / nodes.size;
  const first = fabric.first + (numberOf(address) - nodes.first) * size;
  return [addressOf(first), addressOf(first + size - 1)];
}

/** Each address of the node network has a range of the fabric's, whether or not a node has it today. */
export function rangesForNodes(cidr: string, nodeCidr: string): string[] {
  const each = networkOf(cidr).size / networkOf(nodeCidr).size;
  if (!(each < fewest)) return [];
  const prefix = Number(nodeCidr.split("/")[1]) - Math.log2(fewest);
  const wayOut =
    prefix < 8
      ? "no network is large enough; a fabric needs a node network of /12 or longer"
      : `choose a prefix of /${prefix} or shorter`;
  return [
    `network.fabric.cidr ${cidr} has no ${fewest} addresses for each address of network.nodeCidr ${nodeCidr}, where each node has a range of its own; ${wayOut}`,
  ];
}

export function fabricApart(
  cidr: string,
  others: Readonly<Record<"nodeCidr" | "podCidr" | "serviceCidr", string>>,
): string[] {
  return Object.entries(others).flatMap(([name, other]) => disjoint({ "fabric.cidr": cidr, [name]: other }));
}

/** A fabric that no node has, and a card for a fabric that there is none of. */
export function fabricOfNodes(isThere: boolean, nodes: readonly Node[]): string[] {
  const having = nodes.filter(({ machine }) => machine?.fabricInterface !== undefined);
  if (isThere && having.length === 0)
    return [
      "network.fabric is there and no node has a card on it; name it as machine.fabricInterface of each node that has one (machines that kjerne makes have a single card, so these must be machines that were there before), or leave network.fabric out",
    ];
  if (isThere) return [];
  return having.map(
    ({ name, machine }) =>
      `nodes: ${name} has machine.fabricInterface ${machine?.fabricInterface} and there is no network.fabric; give that its cidr and the namespaces that may use it, or leave the interface out`,
  );
}
