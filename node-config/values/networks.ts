import { contains, networkOf, overlap, reservedIn } from "./addresses";
import { hostOf } from "./locations";
import { repeated } from "./machines";

/** What ties addresses and networks together. Each function returns a sentence for each problem, with the way out. */

interface Placed {
  readonly name: string;
  readonly address: string;
}
interface Member extends Placed {
  readonly role: string;
}
interface Endpoint {
  readonly host: string;
  readonly address: string;
  readonly port: number;
  readonly by: "yours" | "vrrp" | "bgp";
}
/** Who else has an address in or near the node network, beside hypervisors and nodes. */
interface Others {
  readonly gateway: string;
  readonly nameservers: readonly string[];
  readonly timeServers: readonly string[];
  readonly peers: readonly Placed[];
}

export function uniqueAddresses(hypervisors: readonly Placed[], nodes: readonly Placed[]): string[] {
  return repeated([...hypervisors, ...nodes].map(({ address }) => address)).map(
    (address) => `${address} is the address of two machines; each has its own`,
  );
}

/** Two machines that are reached at one address and port are one machine. */
export function uniqueLogins(
  nodes: readonly (Placed & { readonly machine?: { readonly address?: string; readonly port: number } })[],
): string[] {
  const logins = nodes.flatMap(({ address, machine }) =>
    machine ? [`${machine.address ?? address} port ${machine.port}`] : [],
  );
  return repeated(logins).map(
    (login) => `nodes: ${login} is where two machines are reached by ssh; write each one's own machine.address or port`,
  );
}

export function insideNodeNetwork(what: string, address: string, nodeCidr: string): string[] {
  if (!contains(nodeCidr, address))
    return [`${what} is ${address}, outside network.nodeCidr ${nodeCidr}; choose one inside`];
  const reserved = reservedIn(nodeCidr, address);
  return reserved
    ? [
        `${what} is ${address}, the ${reserved} address of network.nodeCidr ${nodeCidr}, which no machine can have; choose another one inside`,
      ]
    : [];
}

/** A node answers for itself alone: nobody else may have its address. */
export function nodesApart(nodes: readonly Placed[], { gateway, nameservers, timeServers, peers }: Others): string[] {
  const others = new Map<string, string>([
    ...timeServers.map((address) => [address, "one of network.timeServers"] as const),
    ...nameservers.map((address) => [address, "one of network.nameservers"] as const),
    ...peers.map(({ name, address }) => [address, `that of router ${name}`] as const),
    [gateway, "network.gateway"],
  ]);
  return nodes
    .filter(({ address }) => others.has(address))
    .map(
      ({ name, address }) =>
        `nodes: the address of ${name} is ${address}, which is ${others.get(address)} as well; choose one that nobody has`,
    );
}

export function peersApart(peers: readonly Placed[]): string[] {
  return [
    ...repeated(peers.map(({ name }) => name)).map(
      (name) => `network.calico.peers: ${name} is the name of two routers; each has its own`,
    ),
    ...repeated(peers.map(({ address }) => address)).map(
      (address) =>
        `network.calico.peers: ${address} is the address of two routers; a node has one session with each: remove one`,
    ),
  ];
}

/** Who answers at the address of the API server. */
export function endpointAnswers(
  { host, address, port, by }: Endpoint,
  nodes: readonly Member[],
  hypervisors: readonly Placed[],
  { gateway, nameservers, peers }: Others,
): string[] {
  const of = (role: string) => nodes.filter((node) => node.role === role);
  const [first, ...further] = of("control-plane");
  if (!first) return [];
  const problems: string[] = [];
  const own = of("control-plane").find((node) => node.address === address);
  if (by !== "yours" && own) {
    problems.push(
      `kubernetes.endpoint.address is ${address}, which is ${own.name}'s own; control planes that have it ${by === "vrrp" ? "in turn" : "together"} need one that nothing has: choose another, or set by: yours`,
    );
  } else if (by === "yours" && further.length === 0 && !own) {
    problems.push(
      `kubernetes.endpoint.address is ${address}; with one control plane it is that node's own, ${first.address}, unless by is vrrp or bgp`,
    );
  } else if (!own) {
    const others: readonly (readonly [string, string])[] = [
      [gateway, "network.gateway"],
      ...nameservers.map((one) => [one, "one of network.nameservers"] as const),
      ...peers.map((one) => [one.address, `router ${one.name}`] as const),
      ...hypervisors.map((one) => [one.address, `hypervisor ${one.name}`] as const),
      ...of("worker").map((one) => [one.address, `worker ${one.name}`] as const),
    ];
    const other = others.find(([taken]) => taken === address);
    if (other) {
      problems.push(
        `kubernetes.endpoint.address is ${address}, the address of ${other[1]}, where no API server answers; give the endpoint an address of its own`,
      );
    }
  }
  if (port !== 6443 && (own || further.length === 0 || by !== "yours")) {
    problems.push(
      `kubernetes.endpoint.port is ${port}; ${(own ?? first).name} listens on 6443 and nothing stands before it: set 6443, or an endpoint.address of a load balancer that listens on ${port}`,
    );
  }
  const named = nodes.find((node) => node.name === host && node.address !== address);
  if (named) {
    problems.push(
      `kubernetes.endpoint.host is ${host}, the name of a node with another address (${named.address}); choose a name of its own`,
    );
  }
  return problems;
}

/** Named networks of which no two may share an address. */
export function disjoint(networks: Readonly<Record<string, string>>): string[] {
  const all = Object.entries(networks);
  return all.flatMap(([name, cidr], i) =>
    all
      .slice(i + 1)
      .filter(([, other]) => overlap(cidr, other))
      .map(
        ([otherName, other]) =>
          `network.${name} ${cidr} overlaps network.${otherName} ${other}; choose disjoint networks`,
      ),
  );
}

/** Addresses by what they are of: in the cluster's own networks nobody outside answers. */
export function outsideCluster(
  addresses: readonly (readonly [string, string])[],
  { nodeCidr, ...own }: { readonly nodeCidr: string; readonly podCidr: string; readonly serviceCidr: string },
): string[] {
  // Of those in the node network it is said that the networks overlap.
  const elsewhere = addresses.filter(([, address]) => !contains(nodeCidr, address));
  return elsewhere.flatMap(([what, address]) =>
    Object.entries(own)
      .filter(([, cidr]) => contains(cidr, address))
      .map(
        ([name, cidr]) =>
          `${what} is ${address}, inside network.${name} ${cidr}, which the cluster has for itself; choose another network for it`,
      ),
  );
}

/** Hosts of addresses with a scheme, as `outsideCluster` takes them. */
export function hostsOf(what: string, addresses: readonly string[]): [string, string][] {
  return addresses.map((address, at) => [`${what.replace("*", String(at))}`, hostOf(address)]);
}

/** A node takes pod addresses by blocks, and has none before it has one. */
export function enoughBlocks(podCidr: string, blockSize: number, nodes: number): string[] {
  const blocks = networkOf(podCidr).size / 2 ** (32 - blockSize);
  if (!(blocks < nodes)) return [];
  const prefix = blockSize - Math.ceil(Math.log2(nodes));
  const found = blocks < 1 ? "not one block" : `${blocks} block${blocks === 1 ? "" : "s"}`;
  return [
    `network.podCidr ${podCidr} has ${found} of network.calico.blockSize ${blockSize}, and ${nodes} nodes need one each at least; choose a prefix of /${prefix} or shorter, or smaller blocks`,
  ];
}

/** Calico looks for a node's address in these networks, and finds none elsewhere. */
export function foundByCidr(autodetection: string, nodes: readonly Placed[]): string[] {
  const [, list] = /^cidr=(.+)$/.exec(autodetection) ?? [];
  const elsewhere = nodes.filter(({ address }) => !list?.split(",").some((cidr) => contains(cidr, address)));
  if (!list || elsewhere.length === 0) return [];
  const found = elsewhere.map(({ name, address }) => `${name} has ${address}`).join(", ");
  return [
    `network.calico.autodetection is ${autodetection}, and ${found}; name a network that holds the addresses of all nodes`,
  ];
}
