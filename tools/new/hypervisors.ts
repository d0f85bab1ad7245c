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

/** The bridge of a hypervisor that nodes are on. Undefined where there is none, or nobody said which. */
function bridgeOf({ bridges }: MachineFacts, { BRIDGE = "" }: Answers): string | undefined {
  if (BRIDGE !== "") return bridges.find((one) => one === BRIDGE);
  return bridges.length === 1 ? bridges[0] : undefined;
}

/** What of the machines can't be hypervisors, each with the way out. */
export function hypervisorProblems(seen: readonly SeenMachine[], answers: Answers): string[] {
  return seen.flatMap(({ machine: { words, port }, facts }) => {
    const has = facts.bridges.join(", ") || "none";
    return [
      ...(port === 22 ? [] : [`${words}: hypervisors are reached at port 22; let its sshd listen there`]),
      ...(bridgeOf(facts, answers)
        ? []
        : [
            `${words}: BRIDGE has to name a bridge of it, and it has ${has}; make one with the uplink to the nodes' network as a port, or name one of these`,
          ]),
    ];
  });
}

/** Facts with the addresses on the bridge alone: nodes are in no other network. */
export function onBridge({ machine, facts }: SeenMachine, answers: Answers): SeenMachine {
  const bridge = bridgeOf(facts, answers);
  return { machine, facts: { ...facts, addresses: facts.addresses.filter(({ link }) => link === bridge) } };
}

export function hypervisorsOf(seen: readonly SeenMachine[], answers: Answers): HypervisorSettings[] {
  return seen.map(({ machine: { address, user, hostKey }, facts }) => ({
    name: facts.name,
    address,
    ...(user === "root" ? {} : { user }),
    hostKey,
    bridge: bridgeOf(facts, answers) ?? "",
  }));
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
