import { defaults } from "../../node-config/defaults";
import { addressOf, networkOf as bounds, contains, overlap } from "../../node-config/values/addresses";
import type { MachineFacts, SeenMachine } from "./facts";
import type { Answers } from "./questions";

/** A network in which every machine has an address. */
export interface SharedNetwork {
  readonly cidr: string;
  /** Of each machine there, in the order of the machines. */
  readonly addresses: readonly string[];
  /** What every machine's link carries. */
  readonly mtu: number;
}

/** Private ones first: what nodes say to each other has no business elsewhere. */
export function sharedNetworks(machines: readonly MachineFacts[]): SharedNetwork[] {
  const [first, ...others] = machines;
  const shared = (first?.addresses ?? []).flatMap((own) => {
    const cidr = cidrOf(own.address, own.prefixLength);
    const there = [own, ...others.flatMap(({ addresses }) => addresses.find((one) => isIn(cidr, one)) ?? [])];
    if (own.prefixLength > 29 || there.length < machines.length) return [];
    return [{ cidr, addresses: there.map(({ address }) => address), mtu: Math.min(...there.map(({ mtu }) => mtu)) }];
  });
  const [inside, outside] = [
    shared.filter(({ cidr }) => isPrivate(cidr)),
    shared.filter(({ cidr }) => !isPrivate(cidr)),
  ];
  return [...inside, ...outside];
}

function isIn(cidr: string, { address, prefixLength }: MachineFacts["addresses"][number]): boolean {
  return cidrOf(address, prefixLength) === cidr;
}

export function cidrOf(address: string, prefixLength: number): string {
  return `${addressOf(bounds(`${address}/${prefixLength}`).first)}/${prefixLength}`;
}

export function isPrivate(cidr: string): boolean {
  return ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10"].some((one) => overlap(one, cidr));
}

/**
 * The network of the nodes: the one that the answers name, or the first that all machines share.
 *
 * @throws Error with what each machine has, where they share none or not that one
 */
export function nodeNetworkOf({ NODE_NETWORK }: Answers, machines: readonly SeenMachine[]): SharedNetwork {
  const shared = sharedNetworks(machines.map(({ facts }) => facts));
  const chosen = NODE_NETWORK ? shared.find(({ cidr }) => cidr === NODE_NETWORK) : shared[0];
  if (chosen) return chosen;
  const has = machines.map(({ machine, facts }) => {
    const all = facts.addresses.map(({ link, address, prefixLength }) => `${address}/${prefixLength} on ${link}`);
    return `  ${machine.words}: ${all.join(", ") || "none"}`;
  });
  const what = NODE_NETWORK
    ? `not every machine has an address in ${NODE_NETWORK}`
    : "the machines share no network of /29 or larger";
  const wayOut =
    NODE_NETWORK && shared.length > 0
      ? `name one of ${shared.map(({ cidr }) => cidr).join(", ")}`
      : "give each an address in one, such as your provider's private network";
  throw new Error([`NODE_NETWORK: ${what}; ${wayOut}. They have:`, ...has].join("\n"));
}

/** kjerne's own default first. */
const podNetworks = [defaults.podCidr, ...sixteens(10, 245, 255), ...sixteens(172, 24, 31)];
const serviceNetworks = [defaults.serviceCidr, ...sixteens(10, 97, 127), ...sixteens(172, 16, 23)];

function sixteens(first: number, from: number, to: number): string[] {
  return Array.from({ length: to - from + 1 }, (_, at) => `${first}.${from + at}.0.0/16`);
}

/**
 * Networks for pods and Services that hold nothing that the machines were seen to have, reach or ask.
 *
 * @throws Error where nothing is left
 */
export function clusterNetworks(taken: readonly string[]): { podCidr: string; serviceCidr: string } {
  const isFree = (cidr: string) => !taken.some((one) => overlap(one, cidr));
  const [podCidr, serviceCidr] = [podNetworks.find(isFree), serviceNetworks.find(isFree)];
  if (podCidr && serviceCidr) return { podCidr, serviceCidr };
  throw new Error(
    `no /16 of 10.0.0.0/8 or 172.16.0.0/12 is left for pods and Services: the machines reach ${[...new Set(taken)].join(", ")}; take routes away that nobody needs`,
  );
}

/** Everything that the machines have, reach or ask, as networks. */
export function seenBy(machines: readonly MachineFacts[]): string[] {
  return machines.flatMap(({ addresses, routes, gateway, nameServers }) => [
    ...addresses.map(({ address, prefixLength }) => cidrOf(address, prefixLength)),
    // Half of all addresses, as some VPNs have it, says nothing about who is there.
    ...routes.filter((cidr) => Number(cidr.split("/")[1]) > 1),
    ...[...(gateway ? [gateway] : []), ...nameServers].map((address) => `${address}/32`),
  ]);
}

/** The gateway that machines have in this network; else its first address that none of them has. */
export function gatewayIn({ cidr, addresses }: SharedNetwork, machines: readonly MachineFacts[]) {
  const seen = machines.map(({ gateway }) => gateway).find((gateway) => gateway && contains(cidr, gateway));
  if (seen) return { gateway: seen, isSeen: true };
  const { first } = bounds(cidr);
  const hosts = Array.from({ length: addresses.length + 1 }, (_, at) => addressOf(first + 1 + at));
  return { gateway: hosts.find((address) => !addresses.includes(address)) as string, isSeen: false };
}
