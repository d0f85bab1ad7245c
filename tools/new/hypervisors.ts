import type { MachineFacts, SeenMachine } from "./facts";
import { type Role, rolesOf } from "./nodes";
import type { Answers } from "./questions";

/** An entry of `kjerne:hypervisors`. */
export interface HypervisorSettings {
  readonly name: string;
  readonly address: string;
  readonly user?: string;
  readonly hostKey: string;
  readonly bridge: string;
  readonly prepare?: true;
}

/** An entry of `kjerne:nodes` on a virtual machine that kjerne makes. */
export interface KvmNodeSettings extends Role {
  readonly name: string;
  readonly hypervisor: string;
  readonly address: string;
  readonly cpus: number;
  readonly memoryMiB: number;
}

/** What stays with a hypervisor: what its preflight asks for. */
const reservedMiB = 2048;

/** What a hypervisor that is none yet gets a bridge called. */
const newBridge = "br0";

/** Whether kjerne can make it a hypervisor. */
const isPrepared = ({ codename }: MachineFacts) => ["bookworm", "trixie"].includes(codename);

/** The card or bridge with the address by which it is reached. */
const linkOf = ({ machine, facts }: SeenMachine) =>
  facts.addresses.find(({ address }) => address === machine.address)?.link;

/** The bridge of a hypervisor that nodes are on, there already or to be made. Undefined where nobody said which. */
function bridgeOf(seen: SeenMachine, { BRIDGE = "" }: Answers): string | undefined {
  const { bridges } = seen.facts;
  if (BRIDGE === "" && bridges.length > 0) return bridges.length === 1 ? bridges[0] : undefined;
  const bridge = BRIDGE || newBridge;
  const link = linkOf(seen);
  const isMade = isPrepared(seen.facts) && link !== undefined && !bridges.includes(link);
  return bridges.includes(bridge) || isMade ? bridge : undefined;
}

/** What of the machines can't be hypervisors, each with the way out. */
export function hypervisorProblems(seen: readonly SeenMachine[], answers: Answers): string[] {
  return seen.flatMap((one) => {
    const { words, port } = one.machine;
    const { facts } = one;
    const has = facts.bridges.join(", ") || "none";
    return [
      ...(port === 22 ? [] : [`${words}: hypervisors are reached at port 22; let its sshd listen there`]),
      ...(bridgeOf(one, answers)
        ? []
        : [
            `${words}: BRIDGE has to name a bridge of it, and it has ${has}; make one with the uplink to the nodes' network as a port, or name one of these`,
          ]),
    ];
  });
}

/** Facts with the addresses on the bridge alone, or on the card that becomes its port: nodes are in no other network. */
export function onBridge(seen: SeenMachine, answers: Answers): SeenMachine {
  const { machine, facts } = seen;
  const bridge = bridgeOf(seen, answers);
  const on = facts.bridges.some((one) => one === bridge) ? bridge : linkOf(seen);
  return { machine, facts: { ...facts, addresses: facts.addresses.filter(({ link }) => link === on) } };
}

export function hypervisorsOf(seen: readonly SeenMachine[], answers: Answers): HypervisorSettings[] {
  return seen.map((one) => {
    const { address, user, hostKey } = one.machine;
    const bridge = bridgeOf(one, answers) ?? "";
    return {
      name: one.facts.name,
      address,
      ...(user === "root" ? {} : { user }),
      hostKey,
      bridge,
      // Not where its bridge is: another name there, some day, would make one more, of the card in use.
      ...(one.facts.bridges.includes(bridge) ? {} : { prepare: true }),
    };
  });
}

/** Nodes in turn on each hypervisor, which share what it has: at most 8 CPUs and 32 GiB each, as a beginning. */
export function kvmNodesOf(seen: readonly SeenMachine[], answers: Answers): KvmNodeSettings[] {
  const addresses = addressesIn(answers.NODE_ADDRESSES);
  const roles = rolesOf(addresses.length, (answers.ENDPOINT ?? "") !== "");
  const onEach = Math.ceil(addresses.length / seen.length);
  return addresses.map((address, at) => {
    const { facts } = seen[at % seen.length] as SeenMachine;
    const role = roles[at] as Role;
    const before = roles.slice(0, at + 1).filter((one) => one.role === role.role).length;
    const memoryMiB = Math.floor((facts.availableMiB - reservedMiB) / onEach / 1024) * 1024;
    return {
      name: `${role.role === "worker" ? "worker" : "cp"}${before}`,
      ...role,
      hypervisor: facts.name,
      address,
      cpus: Math.min(8, Math.max(2, Math.floor(facts.cpus / onEach))),
      memoryMiB: Math.max(1024, Math.min(32_768, memoryMiB)),
    };
  });
}

export function addressesIn(answer = ""): string[] {
  return answer.split(/[\s,]+/).filter((address) => address !== "");
}
