import type { FabricKind } from "../fabric";
import { addressOf, networkOf, numberOf } from "./addresses";
import { disjoint } from "./networks";

/** What ties the fabric to nodes and networks. Each function returns a sentence for each problem, with the way out. */

interface Node {
  readonly name: string;
  readonly role?: string;
  readonly hypervisor?: string;
  readonly machine?: { readonly fabricInterface?: string };
}

interface Hypervisor {
  readonly name: string;
  readonly bridge: string;
  readonly fabricBridge?: string;
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

/** A fabric that no node has, and cards and bridges for a fabric that there is none of. */
export function fabricOfNodes(
  isThere: boolean,
  nodes: readonly Node[],
  hypervisors: readonly Pick<Hypervisor, "name" | "fabricBridge">[],
): string[] {
  const having = nodes.filter(({ machine }) => machine?.fabricInterface !== undefined);
  const bridged = hypervisors.filter(({ fabricBridge }) => fabricBridge !== undefined);
  const made = nodes.filter(
    ({ role, hypervisor }) => role === "worker" && bridged.some(({ name }) => name === hypervisor),
  );
  if (isThere && having.length + made.length === 0)
    return [
      "network.fabric is there and no node has a card on it; name it as machine.fabricInterface of each machine that was there before and has one, give hypervisors whose workers shall have one a fabricBridge, or leave network.fabric out",
    ];
  if (isThere) return [];
  return [
    ...having.map(
      ({ name, machine }) =>
        `nodes: ${name} has machine.fabricInterface ${machine?.fabricInterface} and there is no network.fabric; give that its cidr and the namespaces that may use it, or leave the interface out`,
    ),
    ...bridged.map(
      ({ name, fabricBridge }) =>
        `hypervisors: ${name} has fabricBridge ${fabricBridge} and there is no network.fabric; give that its cidr and the namespaces that may use it, or leave the bridge out`,
    ),
  ];
}

/** Cards of machines that kjerne makes are whole, and give no virtual functions. */
export function functionsOfCards(kind: FabricKind, hypervisors: readonly Pick<Hypervisor, "name" | "fabricBridge">[]) {
  return hypervisors
    .filter(({ fabricBridge }) => kind === "sr-iov" && fabricBridge !== undefined)
    .map(
      ({ name, fabricBridge }) =>
        `hypervisors: ${name} has fabricBridge ${fabricBridge} and network.fabric.kind is sr-iov, but cards of workers there have no virtual functions; leave the bridge out, or choose another kind`,
    );
}

/** A bridge that is both: pods on the fabric would be on the nodes' network. */
export function bridgesApart(hypervisors: readonly Hypervisor[]): string[] {
  return hypervisors
    .filter(({ bridge, fabricBridge }) => bridge === fabricBridge)
    .map(
      ({ name, bridge }) =>
        `hypervisors: ${name} has ${bridge} as bridge and as fabricBridge, and pods on the fabric would be on the nodes' network; give the fabric a bridge of its own`,
    );
}
