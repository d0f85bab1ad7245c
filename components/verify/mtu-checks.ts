import { both, type Reading } from "./answers";
import { type Finding, faultless, judge } from "./judge";
import type { EchoAnswer, Link, ObservedNode } from "./observed-node";
import type { Check } from "./report";
import type { WantedNode } from "./wanted";

/** Of how many other nodes each asks for a packet of full size: in a large cluster all pairs would be too many. */
const sample = 8;

/** The nodes after this one in the list, and from its beginning again: so each is asked by as many as it asks. */
export function echoTargets<Node>(nodes: readonly Node[], node: Node): readonly Node[] {
  const at = nodes.indexOf(node);
  return [...nodes.slice(at + 1), ...nodes.slice(0, at)].slice(0, sample);
}

export function nicMtu(node: WantedNode, mtu: number, links: Reading<readonly Link[]>): Check {
  const question = {
    id: "nic-mtu",
    title: "the NIC takes packets of network.mtu",
    node: node.name,
    wanted: `at least ${mtu}`,
    next: "ip link",
  };
  return judge(question, links, (found) => {
    const nic = found.find(({ addresses }) => addresses.includes(node.address));
    return { found: nic ? `${nic.name}: ${nic.mtu}` : `no NIC has ${node.address}`, passed: (nic?.mtu ?? 0) >= mtu };
  });
}

export function podMtu(node: WantedNode, mtu: number, observed: ObservedNode): Check {
  const question = {
    id: "pod-mtu",
    title: "pods have network.mtu",
    node: node.name,
    wanted: `${mtu}`,
    next: "ip link; cat /var/lib/calico/mtu /etc/cni/net.d/10-calico.conflist",
  };
  const known = both(observed.links, observed.podMtu, (links, next) => ({ links, next }));
  return judge(question, known, ({ links, next }): Finding => {
    const pods = new Set([...links.filter(({ name }) => name.startsWith("cali")).map((link) => link.mtu), next]);
    return { found: [...pods].join(" and "), passed: [...pods].every((found) => found === mtu) };
  });
}

/**
 * An interface has the MTU that it was given; what lies between may not, and drops what is larger without a word. A node
 * that answers no echo at all, small ones included, is a warning: a firewall may refuse ICMP, and pods send full packets
 * of their own.
 */
export function fullPackets(
  node: WantedNode,
  mtu: number,
  others: readonly WantedNode[],
  answers: Reading<ReadonlyMap<string, EchoAnswer>>,
): Check {
  const question = {
    id: "full-packets",
    title: "packets of network.mtu reach other nodes in one piece",
    node: node.name,
    wanted: others.map(({ name }) => name).join(", ") || "no other node",
    next: "ip link; the MTU of bridges and switches between the nodes, or a smaller network.mtu",
  };
  return judge(question, answers, (found) => {
    const lost = others.filter(({ address }) => (found.get(address) ?? "small") === "small");
    return faultless(
      lost.map(({ name, address }) => `${mtu} bytes do not reach ${name} (${address}), smaller packets do`),
      `${mtu} bytes`,
    );
  });
}
