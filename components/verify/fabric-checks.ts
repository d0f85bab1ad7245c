import type { Reading } from "./answers";
import { judge } from "./judge";
import type { Link } from "./observed-node";
import type { Check } from "./report";
import type { WantedNode } from "./wanted";

/** The card on which pods of this node have their interfaces, where it has one; what passes there, probes try. */
export function fabricChecks(
  mtu: number | undefined,
  { name: node, fabricInterface: card }: WantedNode,
  links: Reading<readonly Link[]>,
): Check[] {
  if (mtu === undefined || card === undefined) return [];
  const next = `ip -d link show ${card}`;
  const found = (all: readonly Link[]) => all.find(({ name }) => name === card);
  return [
    judge(
      { id: "fabric-interface", title: "the card on the fabric is up", node, wanted: `${card}: up`, next },
      links,
      (all) => {
        const link = found(all);
        return { found: link ? `${card}: ${link.isUp ? "up" : "down"}` : `no ${card}`, passed: link?.isUp ?? false };
      },
    ),
    judge(
      {
        id: "fabric-mtu",
        title: "the card on the fabric takes packets of its MTU",
        node,
        wanted: `at least ${mtu}`,
        next,
      },
      links,
      (all) => ({ found: `${found(all)?.mtu ?? `no ${card}`}`, passed: (found(all)?.mtu ?? 0) >= mtu }),
    ),
  ];
}
