import type { Encapsulation } from "../../node-config/encapsulation";
import { both, type Reading } from "./answers";
import { faultless, judge } from "./judge";
import type { ObservedCluster } from "./observed-cluster";
import type { Link, ObservedNode } from "./observed-node";
import type { Check } from "./report";
import type { WantedNode } from "./wanted";

/** Kinds of devices that encapsulate; a node with routed pods has none. */
const tunnelKinds = ["ipip", "vxlan", "geneve", "gre", "gretap", "ip6gre", "ip6tnl", "sit", "wireguard"];

/** Calico's own devices. */
const deviceOf = { ipip: "tunl0", vxlan: "vxlan.calico" } as const;

export function tunnelDevices(
  node: string,
  encapsulation: Encapsulation | undefined,
  links: Reading<readonly Link[]>,
): Check {
  const wanted = encapsulation && deviceOf[encapsulation.by];
  const question = {
    id: "tunnel-devices",
    title: wanted ? "no device encapsulates but Calico's" : "no device encapsulates",
    node,
    wanted: wanted ?? "none",
    next: "ip -d link",
  };
  return judge(question, links, (found) => {
    const tunnels = found.filter(({ kind, name }) => tunnelKinds.includes(kind) && name !== wanted);
    return faultless(
      tunnels.map(({ name, kind }) => `${name} (${kind})`),
      wanted ?? "none",
    );
  });
}

/** Each block of pod addresses of another node must lead into Calico's tunnel, or straight there where that is wanted. */
export function tunnelledRoutes(
  node: WantedNode,
  others: readonly WantedNode[],
  { by, where }: Encapsulation,
  observed: ObservedNode,
  blocks: ObservedCluster["blocks"],
): Check {
  const device = deviceOf[by];
  const question = {
    id: "pod-routes",
    title: `other nodes' pods are reached through ${device}`,
    node: node.name,
    wanted: others.map(({ name }) => `${name}'s blocks`).join(", ") || "no other node",
    next: `ip route show dev ${device}; sudo kubectl get blockaffinities.crd.projectcalico.org`,
  };
  const known = both(both(observed.tunnelRoutes, observed.routes, pair), blocks, pair);
  return judge(question, known, ([[tunnelled, routes], held]) => {
    const direct = where === "always" ? [] : routes.filter(({ gateway }) => gateway !== undefined);
    const reached = new Set([...tunnelled[by], ...direct.map(({ to }) => to)]);
    const faults = others.flatMap((other) => {
      const own = held.filter((block) => block.node === other.name && block.state === "confirmed");
      if (own.length === 0) return [`${other.name} holds no block`];
      return own.filter(({ cidr }) => !reached.has(cidr)).map(({ cidr }) => `no ${cidr} of ${other.name}`);
    });
    return faultless(faults, `${tunnelled[by].length} routes through ${device}`);
  });
}

function pair<A, B>(a: A, b: B): readonly [A, B] {
  return [a, b];
}
