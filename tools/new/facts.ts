import { z } from "zod";
import type { PinnedMachine } from "./machine";

const link = z.object({
  ifname: z.string(),
  mtu: z.number(),
  addr_info: z.array(z.object({ local: z.string(), prefixlen: z.number() })).default([]),
});

/** What `node-config/machine/facts.sh` prints. */
const printed = z.object({
  name: z.string(),
  codename: z.string(),
  container: z.boolean(),
  ipvs: z.boolean(),
  cpus: z.number(),
  availableMiB: z.number(),
  debianKeys: z.string(),
  // The kernel leaves an empty object for each link that has no IPv4 address.
  links: z.array(z.union([link, z.object({}).transform(() => undefined)])),
  routes: z.array(z.object({ dst: z.string(), gateway: z.string().optional(), dev: z.string().optional() })),
  bridges: z.array(z.string()),
  nameServers: z.array(z.string()),
});

/** What a machine is and how it is connected. */
export interface MachineFacts {
  /** What it calls itself. */
  readonly name: string;
  /** Of its release, such as `bookworm`. */
  readonly codename: string;
  readonly container: boolean;
  /** Whether its kernel has IPVS. */
  readonly ipvs: boolean;
  readonly cpus: number;
  /** Memory that nothing uses. */
  readonly availableMiB: number;
  /** Debian's own keys as its keyring has them, in base64; empty where there is no keyring. */
  readonly debianKeys: string;
  /** Its IPv4 addresses but those of `lo`. */
  readonly addresses: readonly {
    readonly link: string;
    readonly mtu: number;
    readonly address: string;
    readonly prefixLength: number;
  }[];
  /** Networks that it reaches, such as `10.20.0.0/24`, without the default route. */
  readonly routes: readonly string[];
  /** Gateway of its default route. */
  readonly gateway?: string;
  readonly bridges: readonly string[];
  /** IPv4 addresses, none of the machine itself. */
  readonly nameServers: readonly string[];
}

/** A machine that is to become a node: how it is reached, and what it is. */
export interface SeenMachine {
  readonly machine: PinnedMachine;
  readonly facts: MachineFacts;
}

export function factsIn(text: string): MachineFacts {
  const { links, routes, nameServers, ...facts } = printed.parse(JSON.parse(text));
  const gateway = routes.find(({ dst }) => dst === "default")?.gateway;
  return {
    ...facts,
    addresses: links
      .flatMap((one) => (one && one.ifname !== "lo" ? [one] : []))
      .flatMap(({ ifname, mtu, addr_info }) =>
        addr_info.map(({ local, prefixlen }) => ({ link: ifname, mtu, address: local, prefixLength: prefixlen })),
      ),
    // A single machine's address stands without a prefix.
    routes: routes
      .map(({ dst }) => dst)
      .filter((dst) => dst !== "default")
      .map((dst) => (dst.includes("/") ? dst : `${dst}/32`)),
    ...(gateway ? { gateway } : {}),
    nameServers: nameServers.filter((address) => /^\d+(\.\d+){3}$/.test(address) && !address.startsWith("127.")),
  };
}
