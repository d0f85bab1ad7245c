import { contains } from "./addresses";

/** What an endpoint's address that control planes announce by BGP asks of networks and routers: a sentence for each problem. */

interface Router {
  readonly name: string;
  readonly rack?: string;
}
interface Rack {
  readonly name: string;
  readonly nodes: readonly string[];
}
interface Member {
  readonly name: string;
  readonly role: string;
}

const key = "kubernetes.endpoint";

/** Machines of a network ask for its addresses by ARP, and nobody would answer; what is the cluster's own leads elsewhere. */
export function outsideNetworks(
  address: string,
  networks: readonly (readonly [key: string, cidr: string])[],
): string[] {
  return networks
    .filter(([, cidr]) => contains(cidr, address))
    .map(
      ([name, cidr]) =>
        `${key}.address is ${address}, inside network.${name} ${cidr}; control planes announce it as a single address (by: bgp), so choose one that is in no network of machines, pods or Services`,
    );
}

/** A control plane that has a session with no router would have the address, and nobody would be led there. */
export function announcedByEach(nodes: readonly Member[], peers: readonly Router[], racks: readonly Rack[]): string[] {
  if (peers.length === 0)
    return [
      `${key}.by is bgp, and network.calico.peers is empty: nobody would learn where the address is; name the routers in network.calico.peers, or choose by: vrrp`,
    ];
  const rackOf = (node: string) => racks.find(({ nodes }) => nodes.includes(node))?.name;
  return nodes
    .filter(({ role }) => role === "control-plane")
    .filter(({ name }) => !peers.some(({ rack }) => rack === undefined || rack === rackOf(name)))
    .map(
      ({ name }) =>
        `${key}.by is bgp, and ${name} has a session with none of network.calico.peers, so nobody would be led to it; name a router of its rack`,
    );
}
