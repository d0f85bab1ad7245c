import { type Encapsulation, headerBytes } from "../../node-config/encapsulation";

/** What the trial knows of the cluster before there is one. */
export interface TrialFacts {
  readonly nodes: readonly Machine[];
  readonly podCidr: string;
  readonly mtu: number;
  readonly encapsulation?: Encapsulation;
  /** Whether routers will learn the routes to pods by BGP: until then they pass nothing to these. */
  readonly hasRouters: boolean;
  /** How long a machine waits for the others' packets. @default 20 */
  readonly seconds?: number;
}

interface Machine {
  readonly name: string;
  readonly role: "control-plane" | "worker";
  readonly address: string;
}

/** A packet of the trial: see `packets.py`. A number is one of so many bytes. */
export type Kind = "pod" | "ipip" | "vxlan" | "bgp" | number;

/** What one machine sent to another, and what came there. */
export interface Direction {
  readonly from: Machine;
  readonly to: Machine;
  readonly came: readonly Kind[];
  /** The router that it goes by. @default - none: both are on one segment */
  readonly through?: string;
  /** What the sender's own card refused. */
  readonly tooLong?: readonly Kind[];
  /** Whether nobody on the sender's segment answered for the other, or for the router. */
  readonly unresolved?: boolean;
  /** Between control planes alone. @default - an echo was not answered, or not asked for */
  readonly roundTripMilliseconds?: number;
}

/** etcd's heartbeat interval, which has to be about the round trip between members: https://etcd.io/docs/v3.5/tuning/ */
const heartbeatMilliseconds = 100;

/** Of common networks, whose links take less than 1500 bytes: PPPoE, IPIP, VXLAN, WireGuard, clouds, IPv6's least. */
const sizes = [8900, 1500, 1492, 1480, 1450, 1420, 1400, 1360, 1280];
export const smallerSizes = (mtu: number) => sizes.filter((size) => size < mtu);

/** What the cluster will send between two machines; `isFar` are those with a router between them. */
export function neededKinds({ mtu, encapsulation, hasRouters }: TrialFacts, isFar: boolean): Kind[] {
  const tunnel = encapsulation && (encapsulation.where === "always" || isFar) ? encapsulation.by : undefined;
  if (tunnel) return ["bgp", mtu, tunnel];
  return isFar && hasRouters ? ["bgp", mtu] : ["bgp", mtu, "pod"];
}

/** Why the cluster would not work on this network: a sentence for each reason, with the way out. */
export function networkProblems(facts: TrialFacts, directions: readonly Direction[]): string[] {
  const lacks = (kind: Kind) => (one: Direction) =>
    neededKinds(facts, one.through !== undefined).includes(kind) && !one.came.includes(kind);
  const silent = directions.filter(({ came }) => came.length === 0);
  const others = directions.filter(({ came }) => came.length > 0);
  return [
    ...nothing(silent),
    ...said(
      others.filter(lacks("bgp")),
      (pairs) =>
        `TCP port 179 (BGP) is dropped ${pairs}: no route to a pod would be known; have the provider, or a firewall between the machines, let TCP 179 pass between all of them`,
    ),
    ...podsDropped(facts, others, others.filter(lacks("pod"))),
    ...(["ipip", "vxlan"] as const).flatMap((tunnel) =>
      said(
        others.filter(lacks(tunnel)),
        (pairs) =>
          `${protocolOf[tunnel]} is dropped ${pairs}, in which network.calico.encapsulation sends what pods send; have it let pass between all machines${passing(others, tunnel)}`,
      ),
    ),
    ...tooSmall(facts, others.filter(lacks(facts.mtu))),
    ...directions.flatMap(farApart),
  ];
}

const protocolOf = { ipip: "IPIP (IP protocol 4)", vxlan: "VXLAN (UDP port 4789)" } as const;

/** Between whom, the first six. */
function said(found: readonly Direction[], sentence: (pairs: string) => string): string[] {
  if (found.length === 0) return [];
  const pairs = found.slice(0, 6).map(({ from, to }) => `from ${from.name} to ${to.name}`);
  const more = found.length > 6 ? ` and ${found.length - 6} more` : "";
  return [sentence(`${pairs.join(", ")}${more}`)];
}

function nothing(silent: readonly Direction[]): string[] {
  const unresolved = silent.filter((one) => one.unresolved);
  const dropped = silent.filter((one) => !one.unresolved);
  return [
    ...unresolved.map(({ from, to, through }) =>
      through
        ? `${from.name} reaches ${to.name} (${to.address}) by the router ${through}, which does not answer; correct the route, or the router`
        : `${from.name} finds nobody with ${to.address}, the address of ${to.name}, on its own segment; correct the address or its prefix length, or connect the two machines`,
    ),
    ...said(
      dropped,
      (pairs) =>
        `nothing arrives ${pairs}, at the network card that has the node's address; let all traffic pass between the machines (security group, firewall, VLAN), or name the addresses of the network that connects them`,
    ),
  ];
}

function podsDropped({ podCidr }: TrialFacts, others: readonly Direction[], dropped: readonly Direction[]): string[] {
  const isFar = dropped.every(({ through }) => through !== undefined);
  const ask = isFar
    ? "the routers between them do not know where pods are: name them in network.calico.peers, and they learn it by BGP"
    : "other packets pass, so the network looks at addresses: have the provider switch that off for these machines (anti-spoofing, port security, source/destination check)";
  return said(
    dropped,
    (pairs) =>
      `packets with pods' addresses (${podCidr}) are dropped ${pairs}; ${ask}${goingOn(others, isFar ? "across-subnets" : "always")}`,
  );
}

/** The setting with which it goes on, where the trial saw that it does. */
function goingOn(others: readonly Direction[], where: Encapsulation["where"]): string {
  const passes = (["vxlan", "ipip"] as const).filter((tunnel) => others.every(({ came }) => came.includes(tunnel)));
  const [by] = passes;
  if (!by) return ". VXLAN and IPIP are dropped as well, so encapsulation is no way out";
  const cost = passes.map((tunnel) => `${tunnel} takes ${headerBytes[tunnel]} bytes of each packet`).join(", ");
  return `. Or go on with a second header, which passed here: network.calico.encapsulation: { by: ${by}, where: ${where} } (${cost}; the network pack's NET-01 then needs an exception)`;
}

function passing(others: readonly Direction[], dropped: "ipip" | "vxlan"): string {
  const other = dropped === "ipip" ? "vxlan" : "ipip";
  return others.every(({ came }) => came.includes(other)) ? `, or set by: ${other}, which passed here` : "";
}

function tooSmall({ mtu }: TrialFacts, lost: readonly Direction[]): string[] {
  const largest = Math.min(...lost.map(({ came }) => Math.max(0, ...came.filter((kind) => typeof kind === "number"))));
  const cards = new Set(lost.filter(({ tooLong }) => tooLong?.includes(mtu)).map(({ from }) => from.name));
  const where = cards.size > 0 ? ` (the network card of ${[...cards].join(", ")} takes less)` : "";
  return said(
    lost,
    (pairs) =>
      `packets of ${mtu} bytes, which network.mtu promises, do not arrive ${pairs}${where}; ${
        largest > 0 ? `set network.mtu: ${largest}, which arrived everywhere, or ` : ""
      }raise the MTU of cards, bridges and switches between them`,
  );
}

function farApart({ from, to, roundTripMilliseconds = 0 }: Direction): string[] {
  if (roundTripMilliseconds <= heartbeatMilliseconds) return [];
  return [
    `a round trip from ${from.name} to ${to.name} takes ${roundTripMilliseconds} ms, and etcd's members send a heartbeat every ${heartbeatMilliseconds} ms; put control planes closer to each other`,
  ];
}
