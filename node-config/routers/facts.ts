import { contains, networkOf } from "../values/addresses";

/** A node as a router sees it. */
export interface Neighbour {
  readonly name: string;
  readonly address: string;
  readonly asNumber: number;
}

/** What the router's side of its sessions with the nodes is made from. Networks and addresses are IPv4. */
export interface RouterFacts extends Neighbour {
  /** Name of the cluster. */
  readonly cluster: string;
  readonly nodes: readonly Neighbour[];
  readonly podCidr: string;
  /** Networks of Services of type LoadBalancer. */
  readonly loadBalancerCidrs: readonly string[];
  /** Prefix length of a node's block of pod addresses. */
  readonly blockSize: number;
  /** Networks that the router tells the nodes of. */
  readonly accept: readonly string[];
  /** Whether nodes pass on each other's routes with the owner as the next hop. */
  readonly keepOriginalNextHop: boolean;
  readonly gracefulRestartSeconds: number;
  readonly authenticated: boolean;
  /** Whether the router has an address in the network of the nodes. */
  readonly isOnSegment: boolean;
  /** The API server's address, which control planes announce. @default - they do not */
  readonly endpoint?: AnnouncedEndpoint;
}

export interface AnnouncedEndpoint {
  readonly address: string;
  /** Those that have a session with this router. */
  readonly controlPlanes: readonly Neighbour[];
  /** Where the address is while nobody announces it: the control plane that starts the cluster. @default - it is another router's */
  readonly lastResort?: string;
}

/** The part of an environment's settings that routers have to do with, defaults filled in. */
export interface RoutedCluster {
  readonly name: string;
  readonly nodes: readonly { readonly name: string; readonly address: string; readonly role: string }[];
  readonly kubernetes: { readonly endpoint: { readonly address: string; readonly by?: string } };
  readonly network: {
    readonly nodeCidr: string;
    readonly podCidr: string;
    readonly loadBalancerCidrs: readonly string[];
    readonly calico: {
      readonly asNumber: number;
      readonly blockSize: number;
      readonly racks: readonly {
        readonly name: string;
        readonly asNumber: number;
        readonly nodes: readonly string[];
      }[];
      readonly peers: readonly RouterSettings[];
    };
  };
}

interface RouterSettings extends Neighbour {
  readonly authenticated: boolean;
  readonly rack?: string;
  readonly accept?: readonly string[];
  readonly keepOriginalNextHop?: boolean;
  readonly gracefulRestartSeconds?: number;
}

/** BIRD's own default, which calico-node has too. */
const gracefulRestartSeconds = 120;

/** After so many seconds without a word a control plane has no power any more; the others have the endpoint's address, too. */
export const holdSeconds = 9;

/** Another route to the endpoint's address is better, whatever BGP learned it from. */
export const lastResort = { birdPreference: 1, frrDistance: 250 };

/** The routers of an environment, each with the nodes that have a session with it, in the order of their names. */
export function routersOf({ name: cluster, nodes, kubernetes, network }: RoutedCluster): RouterFacts[] {
  const { nodeCidr, podCidr, loadBalancerCidrs, calico } = network;
  const rackOf = (node: string) => calico.racks.find((rack) => rack.nodes.includes(node));
  const neighbours = nodes
    .map(({ name, address }) => ({ name, address, asNumber: rackOf(name)?.asNumber ?? calico.asNumber }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  const rolesOf = new Map(nodes.map(({ name, role }) => [name, role]));
  const [first] = neighbours.filter(({ name }) => rolesOf.get(name) === "control-plane");
  const endpointBy = (known: readonly Neighbour[]): Pick<RouterFacts, "endpoint"> => {
    const controlPlanes = known.filter(({ name }) => rolesOf.get(name) === "control-plane");
    const { address, by } = kubernetes.endpoint;
    if (by !== "bgp" || controlPlanes.length === 0) return {};
    return {
      endpoint: { address, controlPlanes, ...(controlPlanes[0] === first ? { lastResort: first?.address } : {}) },
    };
  };
  return calico.peers.map(({ rack, accept = [], keepOriginalNextHop = false, ...peer }) => {
    const known = neighbours.filter(({ name }) => rack === undefined || rackOf(name)?.name === rack);
    return {
      ...{ cluster, podCidr, loadBalancerCidrs, blockSize: calico.blockSize },
      ...{ accept, keepOriginalNextHop, gracefulRestartSeconds },
      ...peer,
      nodes: known,
      isOnSegment: contains(nodeCidr, peer.address),
      ...endpointBy(known),
    };
  });
}

/** So many blocks has the pod network, and so many addresses have Services: no node has more routes of its own to tell. */
export function mostRoutesOf({
  podCidr,
  blockSize,
  loadBalancerCidrs,
  endpoint,
}: Pick<RouterFacts, "podCidr" | "blockSize" | "loadBalancerCidrs" | "endpoint">): number {
  const blocks = networkOf(podCidr).size / 2 ** (32 - blockSize);
  return loadBalancerCidrs.reduce((sum, cidr) => sum + 1 + networkOf(cidr).size, blocks + (endpoint ? 1 : 0));
}

/** What nodes announce, in words. */
export const ownRoutes = ({ loadBalancerCidrs }: Pick<RouterFacts, "loadBalancerCidrs">) =>
  `Blocks of pod addresses and single ones${loadBalancerCidrs.length > 0 ? ", addresses of Services" : ""}`;
