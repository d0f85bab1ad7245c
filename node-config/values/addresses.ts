import { isIP } from "node:net";
import type { Rule } from "./rule";

/** An IPv4 network: its first address as a number, and how many addresses it has. */
export interface Network {
  readonly first: number;
  readonly size: number;
}

/** An address as a number, NaN for what is none: no comparison with it holds. */
export function numberOf(address: string): number {
  if (isIP(address) !== 4) return Number.NaN;
  return address.split(".").reduce((sum, byte) => sum * 256 + Number(byte), 0);
}

/** The address of a number. */
export function addressOf(number: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256).join(".");
}

/** `10.20.0.7/24` → the network 10.20.0.0/24. NaN in it where the text is none. */
export function networkOf(cidr: string): Network {
  const [address = "", prefix] = cidr.split("/");
  const size = 2 ** (32 - Number(prefix));
  return { first: Math.floor(numberOf(address) / size) * size, size };
}

export function contains(cidr: string, address: string): boolean {
  const { first, size } = networkOf(cidr);
  const number = numberOf(address);
  return number >= first && number < first + size;
}

export function overlap(one: string, other: string): boolean {
  const [a, b] = [networkOf(one), networkOf(other)];
  return a.first < b.first + b.size && b.first < a.first + a.size;
}

/** The first and the last address of a network, which no machine in it can have. */
export function reservedIn(cidr: string, address: string): "network" | "broadcast" | undefined {
  const { first, size } = networkOf(cidr);
  if (numberOf(address) === first) return "network";
  return numberOf(address) === first + size - 1 ? "broadcast" : undefined;
}

/** The last address of a network. */
export function lastIn(cidr: string): string {
  const { first, size } = networkOf(cidr);
  return addressOf(first + size - 1);
}

const special: readonly (readonly [string, string])[] = [
  ["0.0.0.0/8", "stands for no machine"],
  ["127.0.0.0/8", "leads back to the machine itself"],
  ["169.254.0.0/16", "is link-local, which no other network reaches"],
  ["224.0.0.0/4", "is a multicast group"],
  ["240.0.0.0/4", "is reserved"],
];

/** The address of one machine. */
export const machineAddress: Rule = (text) => {
  if (isIP(text) !== 4) return "is not an IPv4 address such as 10.20.0.11";
  const found = special.find(([network]) => contains(network, text));
  return found && `${found[1]} (${found[0]}); write the address that other machines reach`;
};

/**
 * An IPv4 network whose prefix has a length between the two.
 *
 * @param why What sets the bounds.
 */
export function network(shortest: number, longest: number, why: string): Rule {
  return (text) => {
    const [, address = "", prefix] = /^([\d.]+)\/(0|[1-9]\d?)$/.exec(text) ?? [];
    if (isIP(address) !== 4 || Number(prefix) > 32) return "is not an IPv4 network such as 10.20.0.0/24";
    const first = addressOf(networkOf(text).first);
    if (first !== address) return `has bits set behind the prefix; the network of that address is ${first}/${prefix}`;
    const found = special.find(([other]) => overlap(text, other));
    if (found) return `holds addresses that no machine can have: ${found[0]} ${found[1]}`;
    if (Number(prefix) >= shortest && Number(prefix) <= longest) return undefined;
    return `has a prefix of ${prefix} bits; choose one from /${shortest} to /${longest}: ${why}`;
  };
}

export const nodeNetwork = network(8, 29, "a smaller one has no room for a gateway and machines");
export const fabricNetwork = network(8, 25, "each address of the node network has 16 of it at least");
/** kubeadm sets kube-controller-manager's node mask of 24 bits beside it, and allows 16 bits between the two. */
export const podNetwork = network(8, 24, "kubeadm's limits, for which each node's share is a /24");
/** The API server's largest, and kubeadm's smallest: the address of the cluster's DNS is the tenth. */
export const serviceNetwork = network(12, 28, "the API server refuses a larger one, kubeadm a smaller one");

/** Calico keeps such addresses by blocks of 64 at most, and a Service has one. */
export const loadBalancerNetwork = network(8, 32, "a shorter one draws traffic of others to the cluster as well");

const behindRouter = network(8, 32, "a shorter one draws traffic of others to the router as well");

/** A network to which a router may lead the nodes. */
export const routedNetwork: Rule = (text) =>
  text === "0.0.0.0/0"
    ? "is the default route, by which a router draws all traffic of the nodes to itself; name the networks behind it"
    : behindRouter(text);

/** Networks, IPv4 or IPv6, of those who connect. Any length of prefix: one machine, or everybody. */
export const clientNetwork: Rule = (text) => {
  const [address = "", prefix = "", ...rest] = text.split("/");
  const bits = { 4: 32, 6: 128 }[isIP(address)];
  if (bits === undefined || address.includes("%") || rest.length > 0 || !/^(0|[1-9]\d*)$/.test(prefix))
    return "is not a network such as 192.0.2.0/24, 192.0.2.7/32 or 2001:db8::/48";
  return Number(prefix) > bits ? `has a prefix of ${prefix} bits; ${bits} are the most` : undefined;
};

const servedToMachines: Readonly<Record<number, string>> = {
  22: "sshd",
  179: "BGP",
  2379: "etcd",
  2380: "etcd",
  2381: "etcd's metrics",
};

/** A port of nodes that pods may ask. */
export const portOpenToPods: Rule<number> = (port) => {
  const service = servedToMachines[port];
  return service && `is ${service}'s, with which no pod has business; leave it out`;
};

/** Number of an autonomous system that may speak BGP. Numbers for documentation and private ones are fine. */
export const autonomousSystem: Rule<number> = (number) => {
  if (number === 23456) return "is AS_TRANS, which stands for a number of 32 bits (RFC 6793); write that number";
  if (number === 65535) return "is reserved (RFC 7300); private numbers are 64512 to 65534";
  return undefined;
};
