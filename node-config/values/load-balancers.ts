import { contains, overlap } from "./addresses";

/** What ties addresses of Services to networks and routers. Each function returns a sentence for each problem. */

const key = "network.loadBalancerCidrs";

interface Placed {
  readonly name: string;
  readonly address: string;
}

/** Routers lead there because nodes announce it: so it is nobody else's, and no machine has an address in it. */
export function announcedAlone(
  cidrs: readonly string[],
  networks: Readonly<Record<string, string>>,
  machines: readonly (readonly [what: string, address: string])[],
): string[] {
  return cidrs.flatMap((cidr, at) => [
    ...cidrs
      .slice(at + 1)
      .filter((other) => overlap(cidr, other))
      .map((other) => `${key}: ${cidr} overlaps ${other}; write each address once`),
    ...Object.entries(networks)
      .filter(([, other]) => overlap(cidr, other))
      .map(
        ([name, other]) => `${key}: ${cidr} overlaps network.${name} ${other}; choose a network that nothing else has`,
      ),
    ...machines
      .filter(([, address]) => contains(cidr, address))
      .map(([what, address]) => `${key}: ${cidr} holds ${address}, ${what}; choose a network in which no machine is`),
  ]);
}

/** Without a router nobody outside learns where these addresses are. */
export function announcedToRouters(cidrs: readonly string[], peers: readonly Placed[]): string[] {
  if (cidrs.length === 0 || peers.length > 0) return [];
  return [
    `${key} is ${cidrs.join(", ")}, and network.calico.peers is empty: no router would learn where these addresses are; name the router in network.calico.peers, or leave ${key} out`,
  ];
}
