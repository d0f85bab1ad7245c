import { overlap } from "./addresses";
import { repeated } from "./machines";

/** What ties routers and racks together. Each function returns a sentence for each problem, with the way out. */

interface Rack {
  readonly name: string;
  readonly asNumber: number;
  readonly nodes: readonly string[];
}
interface Router {
  readonly name: string;
  readonly asNumber: number;
  readonly rack?: string;
  readonly accept?: readonly string[];
  readonly keepOriginalNextHop?: boolean;
}
interface Networks {
  readonly nodeCidr: string;
  readonly podCidr: string;
  readonly serviceCidr: string;
}

/** Each rack has nodes and an autonomous system of its own. */
export function racksApart(
  racks: readonly Rack[],
  nodes: readonly { readonly name: string }[],
  asNumber: number,
): string[] {
  const known = nodes.map(({ name }) => name);
  const unknown = racks.flatMap(({ name, nodes }) =>
    nodes
      .filter((node) => !known.includes(node))
      .map((node) => `network.calico.racks: ${name} has the node ${node}; choose one of ${known.join(", ")}`),
  );
  const twice = repeated(racks.flatMap(({ nodes }) => nodes)).map(
    (node) => `network.calico.racks: ${node} is in two racks; a node has one autonomous system: take it out of one`,
  );
  const shared = repeated(racks.map(({ asNumber }) => String(asNumber))).map(
    (number) =>
      `network.calico.racks: two racks have AS ${number}, so that each drops the other's routes as a loop; give each its own`,
  );
  const same = racks
    .filter((rack) => rack.asNumber === asNumber)
    .map(
      ({ name }) =>
        `network.calico.racks: ${name} has AS ${asNumber}, which network.calico.asNumber gives to nodes without a rack; give it its own`,
    );
  return [...unknown, ...twice, ...shared, ...same];
}

export function routersOfKnownRacks(peers: readonly Router[], racks: readonly Pick<Rack, "name">[]): string[] {
  const known = racks.map(({ name }) => name);
  const choice = known.length > 0 ? `choose one of ${known.join(", ")}` : "list it under network.calico.racks";
  return peers
    .filter(({ rack }) => rack !== undefined && !known.includes(rack))
    .map(({ name, rack }) => `network.calico.peers: router ${name} is of rack ${rack}; ${choice}`);
}

/** A route into one of the cluster's own networks would lead its traffic to the router. */
export function acceptedElsewhere(peers: readonly Router[], networks: Networks): string[] {
  return peers.flatMap(({ name, accept = [] }) =>
    accept.flatMap((network) =>
      Object.entries(networks)
        .filter(([, own]) => overlap(network, own))
        .map(
          ([key, own]) =>
            `network.calico.peers: nodes accept ${network} from router ${name}, which overlaps network.${key} ${own}, whose traffic it would draw to itself; name networks outside of the cluster`,
        ),
    ),
  );
}

/** Between routers of one autonomous system BGP keeps the next hop by itself. */
export function keptBetweenSystems(peers: readonly Router[], racks: readonly Rack[], asNumber: number): string[] {
  const systemsOf = ({ rack }: Router) =>
    rack === undefined ? [asNumber] : racks.filter(({ name }) => name === rack).map((one) => one.asNumber);
  return peers
    .filter((peer) => peer.keepOriginalNextHop && systemsOf(peer).includes(peer.asNumber))
    .map(
      ({ name, asNumber }) =>
        `network.calico.peers: router ${name} keeps the original next hop and has the nodes' own AS ${asNumber}, within which BGP never changes it; leave keepOriginalNextHop out`,
    );
}

/** Two at least, so that one may go; nodes of one autonomous system; and sshd kept from other nodes by its address. */
export function reflectorsOfOneSystem(
  reflectors: readonly string[],
  nodes: readonly { readonly name: string }[],
  racks: readonly Pick<Rack, "name">[],
  operators: readonly string[],
): string[] {
  if (reflectors.length === 0) return [];
  const key = "network.calico.reflectors";
  const known = nodes.map(({ name }) => name);
  return [
    ...reflectors
      .filter((name) => !known.includes(name))
      .map((name) => `${key}: there is no node ${name}; choose some of ${known.join(", ")}`),
    ...(reflectors.length === 1
      ? [`${key} is ${reflectors[0]} alone, without which no node has a route to another's pods; name another one too`]
      : []),
    ...(racks.length > 0
      ? [
          `${key}: nodes of network.calico.racks have autonomous systems of their own, between which nothing is reflected; leave one of the two out`,
        ]
      : []),
    ...(operators.length === 0
      ? [
          `${key}: a node knows others by its sessions with them, and has none any more with most, so its sshd would be open to these; name in network.operators who may reach it`,
        ]
      : []),
  ];
}
