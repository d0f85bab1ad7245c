/** Each pair takes half a minute, one after the other so that they do not disturb each other. */
const sampled = 4;

/**
 * Pairs of nodes whose path is measured: neighbours in the list first, in a ring, so that every node is in one as far as
 * the limit allows; then those farther apart.
 */
export function pairsOf<Node>(nodes: readonly Node[], limit = sampled): readonly (readonly [Node, Node])[] {
  const pairs = Array.from({ length: Math.floor(nodes.length / 2) }, (_, apart) => apart + 1).flatMap((apart) => {
    // Half way around the ring each pair would come twice.
    const starts = apart * 2 === nodes.length ? nodes.slice(0, apart) : nodes;
    return starts.map((from, at) => [from, nodes[(at + apart) % nodes.length] as Node] as const);
  });
  return pairs.slice(0, limit);
}

/** How many pairs of different nodes there are. */
export function allPairs(nodes: number): number {
  return (nodes * (nodes - 1)) / 2;
}
