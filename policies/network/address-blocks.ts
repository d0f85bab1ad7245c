import { isIPv4, isIPv6 } from "node:net";

/** The addresses of a CIDR block, both ends included. IPv4 and IPv6 are counted apart. */
export interface Block {
  readonly family: 4 | 6;
  readonly first: bigint;
  readonly last: bigint;
}

/** Undefined if the text is no block. An address without a prefix length is none, as for Kubernetes. */
export function blockOf(cidr: unknown): Block | undefined {
  const [, address = "", length = ""] = typeof cidr === "string" ? (/^([^/]+)\/(\d{1,3})$/.exec(cidr) ?? []) : [];
  const family = isIPv4(address) ? 4 : isIPv6(address) ? 6 : undefined;
  const bits = family === 4 ? 32 : 128;
  if (!family || Number(length) > bits) return undefined;
  const size = 1n << BigInt(bits - Number(length));
  const number = family === 4 ? ofIPv4(address) : ofIPv6(address);
  const first = (number / size) * size;
  return { family, first, last: first + size - 1n };
}

const ofIPv4 = (address: string) => address.split(".").reduce((sum, part) => sum * 256n + BigInt(part), 0n);

function ofIPv6(address: string): bigint {
  // The last 32 bits may be written as an IPv4 address.
  const dotted = /[\d.]+$/.exec(address)?.[0] ?? "";
  const v4 = isIPv4(dotted) ? ofIPv4(dotted) : undefined;
  const text =
    v4 === undefined ? address : address.replace(dotted, `${(v4 >> 16n).toString(16)}:${(v4 & 0xffffn).toString(16)}`);
  const [head = "", tail] = text.split("::");
  const groups = (part: string | undefined) => (part ? part.split(":") : []);
  const missing = tail === undefined ? 0 : 8 - groups(head).length - groups(tail).length;
  const all = [...groups(head), ...Array.from({ length: missing }, () => "0"), ...groups(tail)];
  return all.reduce((sum, group) => sum * 65536n + BigInt(`0x${group}`), 0n);
}

/** Addresses that nobody announces on the internet: RFC 1918, 3927, 6598, 4193 and 4291, loopback. */
export const ownNetworks: readonly string[] = [
  ...["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "169.254.0.0/16", "127.0.0.0/8"],
  ...["fc00::/7", "fe80::/10", "::1/128"],
];
const ownBlocks = ownNetworks.map((cidr) => blockOf(cidr) as Block);

export const isOwnNetwork = (block: Block): boolean => ownBlocks.some((own) => within(block, own));

const within = (inner: Block, outer: Block) =>
  inner.family === outer.family && inner.first >= outer.first && inner.last <= outer.last;

/** How many addresses of one family blocks cover together. What two of them cover counts once. */
export function addressesIn(blocks: readonly Block[], family: Block["family"]): bigint {
  const sorted = blocks.filter((block) => block.family === family).sort((a, b) => (a.first < b.first ? -1 : 1));
  let [sum, end] = [0n, -1n];
  for (const { first, last } of sorted) {
    if (last <= end) continue;
    sum += last - (first > end ? first - 1n : end);
    end = last;
  }
  return sum;
}
