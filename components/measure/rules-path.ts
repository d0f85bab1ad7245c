import { headerBytes as ofCalico } from "../../node-config/encapsulation";
import type { Reading } from "../verify/answers";
import type { Leg, MeasuredPath } from "./measured";
import { each, type Rule, together } from "./rule";

/** Bytes of each packet that a kind of device takes for its own header. */
const headerBytes: Readonly<Record<string, number>> = { ...ofCalico, wireguard: 60, geneve: 50 };

export const encapsulation: Rule = {
  id: "encapsulation",
  title: "Pods' packets travel inside other packets",
  reads: "routes to other nodes' pods, and the devices that they lead through",
  limit: "no route through a tunnel",
  source:
    "pods are routed by BGP without encapsulation, unless network.calico.encapsulation asks for it; headers: RFC 2003 (IPIP), RFC 7348 (VXLAN)",
  strength: "strong",
  cannotTell: "How much time it costs here: the ratio of pod to host above says that, with offloads of the NIC in it.",
  next: "where network.calico.encapsulation asks for it, this is its price: make the network carry pods' addresses, and leave it out. Otherwise kubectl get ippools.crd.projectcalico.org -o yaml: ipipMode and vxlanMode have to be Never; pulumi up --refresh",
  look: ({ nodes, wanted }) =>
    together(
      each(
        nodes,
        ({ name }) => name,
        ({ routes }) => routes,
        (routes) => {
          const inside = routes.filter(({ kind }) => kind in headerBytes);
          const [first] = inside;
          if (!first) return undefined;
          return {
            found: `${inside.length} of ${routes.length} routes lead through ${first.device} (${first.kind}): ${price(first.kind, wanted.mtu)}`,
          };
        },
      ),
      // Felix sets up these routes itself, so BIRD knows none of them; of IPIP the kernel has a device at all times.
      each(
        nodes,
        ({ name }) => name,
        ({ links }) => links,
        (links) => {
          const tunnels = links.filter(({ kind }) => kind !== "ipip" && kind in headerBytes);
          const each = tunnels.map(({ name, kind }) => `${name} (${kind}): ${price(kind, wanted.mtu)}`);
          return tunnels.length > 0 ? { found: each.join("; ") } : undefined;
        },
      ),
    ),
};

function price(kind: string, mtu: number): string {
  const bytes = headerBytes[kind] ?? 0;
  return `${bytes} of ${mtu} bytes of each packet, ${((100 * bytes) / mtu).toFixed(1)} %`;
}

export const smallMtu: Rule = {
  id: "small-mtu",
  title: "The network between nodes carries smaller packets than it should",
  reads: "the largest packet that gets from node to node and back in one piece, and the MTU of each NIC",
  limit: "network.mtu of the settings",
  source: "settings; RFC 1191: a packet that is too large is dropped, and who sent it may never hear of that",
  strength: "strong",
  cannotTell:
    "Which device on the way it is: both nodes' NICs are in the table, bridges and switches between them are not.",
  next: "ip link on both nodes and on their hypervisors (taps and the bridge); the switch ports; or a smaller network.mtu",
  look: ({ nodes, paths, wanted }) =>
    together(
      each(
        nodes,
        ({ name }) => name,
        ({ nic }) => nic,
        ({ name, mtu }) =>
          mtu < wanted.mtu ? { found: `${name} has an MTU of ${mtu} bytes, ${wanted.mtu} wanted` } : undefined,
      ),
      each(
        paths,
        nameOf,
        ({ mtu }): Reading<number> =>
          "value" in mtu && mtu.value === 0 ? { unreadable: "no ICMP echo is answered" } : mtu,
        (mtu) =>
          mtu < wanted.mtu
            ? { found: `packets of ${mtu} bytes get there and back, of ${wanted.mtu} bytes none` }
            : undefined,
      ),
    ),
};

/** Of small messages that are sent one at a time: nothing on the way is full because of them. */
const lossPercent = 0.1;
/** Fewer are chance, or a processor that was late for a fifth of a second. */
const fewest = 5;

export const packetLoss: Rule = {
  id: "packet-loss",
  title: "A path loses packets",
  reads: "TCP retransmits of small messages that are sent one at a time, between nodes and between their pods",
  limit: `${lossPercent} % of segments, and at least ${fewest}`,
  source:
    "Mathis et al. 1997: throughput falls with the square root of the loss; at 0.1 % and 10 ms one flow has about 45 Mbit/s left",
  strength: "strong",
  cannotTell: "In which direction, and on which device: a message is sent again when it or its answer was lost.",
  next: "ip -s link and ethtool -S on both nodes, nft list ruleset; the switch's counters of errors; a cable",
  look: ({ paths }) => together(legs(paths, "host"), legs(paths, "pod")),
};

function legs(paths: readonly MeasuredPath[], place: "host" | "pod") {
  return each(
    paths,
    (path) => `${nameOf(path)}, ${place === "host" ? "between the nodes" : "between pods"}`,
    (path): Reading<Leg> => path[place],
    ({ segments, retransmits }) =>
      retransmits >= fewest && 100 * retransmits > segments * lossPercent
        ? {
            found: `${retransmits} of ${segments} small messages were sent again, ${((100 * retransmits) / segments).toFixed(1)} %`,
          }
        : undefined,
  );
}

function nameOf({ from, to }: MeasuredPath): string {
  return `${from} to ${to}`;
}
