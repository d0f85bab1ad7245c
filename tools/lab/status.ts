import { existsSync } from "node:fs";
import { claimedIndex } from "./links";
import { initOf, inside } from "./machine-processes";
import { isUnplugged } from "./native/faults";
import { nodeInitOf } from "./native/node-processes";
import { nodesOf } from "./native/nodes";
import { checkLabName, type LabAddresses, labAddresses, labFiles, type Role, roles } from "./plan";
import { birdc } from "./router";

/** A lab as it is now. */
export interface LabStatus {
  readonly name: string;
  /** Directory of the lab; absent if the lab does not exist. */
  readonly state?: string;
  readonly addresses?: LabAddresses;
  /** Machine → server → whether it runs. A machine that is down has no servers; one that the lab lacks is absent. */
  readonly machines: Readonly<Partial<Record<Role, Readonly<Record<string, boolean>>>>>;
  /** Native node → whether it runs, and whether its network cable is pulled. */
  readonly nodes: Readonly<Record<string, NodeStatus>>;
  /** The router's BGP sessions. Empty while the router is down. */
  readonly sessions: readonly BgpSession[];
  /** Packets that left the lab since the router started; undefined while it is down. */
  readonly escapes?: number;
  /** Destinations that machines of the lab sent packets to, and to which the router has no route. */
  readonly attempts: readonly Attempt[];
}

export interface NodeStatus {
  readonly runs: boolean;
  readonly isUnplugged: boolean;
}

export interface BgpSession {
  readonly neighbour: string;
  /** BIRD's name of the state: Established, Active, Passive … */
  readonly state: string;
  /** Routes that the router learned from it. */
  readonly routes: number;
}

export interface Attempt {
  readonly from: string;
  readonly to: string;
  readonly packets: number;
}

/** Reads what of a lab runs. Nothing runs of a lab that does not exist. */
export async function labStatus(name: string): Promise<LabStatus> {
  checkLabName(name);
  const { state, machine } = labFiles(name);
  const index = await claimedIndex(name);
  const routes = (await initOf(name, "router")) !== undefined;
  const made = roles.filter((role) => existsSync(machine(role)));
  const machines = await Promise.all(made.map(async (role) => [role, await servers(name, role)] as const));
  const nodes = (await nodesOf(name)).map(async (node) => [node, await nodeStatus(name, node)] as const);
  return {
    name,
    ...(existsSync(state) ? { state } : {}),
    ...(index === undefined ? {} : { addresses: labAddresses(index) }),
    machines: Object.fromEntries(machines),
    nodes: Object.fromEntries(await Promise.all(nodes)),
    sessions: routes ? bgpSessions(await birdc(name, "show", "protocols", "all")) : [],
    ...(routes ? { escapes: await escapes(name) } : {}),
    attempts: routes ? await attempts(name) : [],
  };
}

async function nodeStatus(lab: string, node: string): Promise<NodeStatus> {
  return { runs: (await nodeInitOf(lab, node)) !== undefined, isUnplugged: isUnplugged(lab, node) };
}

async function servers(lab: string, role: Role): Promise<Record<string, boolean>> {
  if ((await initOf(lab, role)) === undefined) return {};
  const lines = await inside(lab, role, "sh", "-c", "sv status /etc/lab/service/*");
  return Object.fromEntries(
    [...lines.matchAll(/^(\w+): \/etc\/lab\/service\/([^:]+):/gm)].map(([, state, server]) => [
      server,
      state === "run",
    ]),
  );
}

/** Parses BIRD's `show protocols all`: a block for each protocol, including the sessions of dynamic neighbours. */
export function bgpSessions(text: string): BgpSession[] {
  return text
    .split(/\n(?=\S)/)
    .map((block) => ({
      neighbour: /Neighbor address:\s+(\S+)/.exec(block)?.[1],
      state: /BGP state:\s+(\S+)/.exec(block)?.[1],
      routes: Number(/Routes:\s+(\d+) imported/.exec(block)?.[1] ?? 0),
    }))
    .filter((session): session is BgpSession => session.neighbour !== undefined && session.state !== undefined);
}

async function escapes(lab: string): Promise<number> {
  const [counter] = await nft<{ counter?: { packets: number } }>(lab, "counter", "inet", "lab", "escapes");
  if (!counter?.counter)
    throw new Error(
      `lab ${lab}: its router has lost its counter of escaped packets; remove the lab and bring it up again (make lab-down, make lab)`,
    );
  return counter.counter.packets;
}

async function attempts(lab: string): Promise<Attempt[]> {
  type Element = { elem: { val: { concat: [string, string] }; counter: { packets: number } } };
  const [listed] = await nft<{ set?: { elem?: Element[] } }>(lab, "set", "inet", "lab", "attempts");
  return (listed?.set?.elem ?? []).map(({ elem }) => ({
    from: elem.val.concat[0],
    to: elem.val.concat[1],
    packets: elem.counter.packets,
  }));
}

/** What `nft --json list` prints, without its first row, which is about nft itself. */
async function nft<Row>(lab: string, ...what: readonly string[]): Promise<Row[]> {
  const text = await inside(lab, "router", "nft", "--json", "list", ...what);
  return (JSON.parse(text) as { nftables: Row[] }).nftables.slice(1);
}
