import { fabricPlugin } from "../../node-config/fabric";
import { equals, judge } from "./judge";
import type { Link, ObservedNode } from "./observed-node";
import type { Check } from "./report";
import type { Wanted, WantedNode } from "./wanted";

/** What pods of this node need for the fabric, where it has a card there; what passes on it, probes try. */
export function fabricChecks(
  fabric: Wanted["fabric"],
  { name: node, fabricInterface: card }: WantedNode,
  { links, fabricNetworks }: Pick<ObservedNode, "links" | "fabricNetworks">,
): Check[] {
  if (fabric === undefined || card === undefined) return [];
  const { mtu, kind } = fabric;
  const next = `ip -d link show ${card}`;
  const found = (all: readonly Link[]) => all.find(({ name }) => name === card);
  const networks =
    "ls /etc/cni/fabric.d; systemctl status kjerne-fabric; journalctl -u kjerne-fabric, which says whether pods still have interfaces of another kind";
  const networksBy = `OK, by ${fabricPlugin(kind)}`;
  const onNode = [
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
  return [
    // A pod may have the card itself.
    ...(kind === "host-device" ? [] : onNode),
    judge(
      {
        id: "fabric-networks",
        title: "containerd has the networks of the fabric's pods",
        node,
        wanted: networksBy,
        next: networks,
      },
      fabricNetworks,
      equals(networksBy),
    ),
  ];
}
