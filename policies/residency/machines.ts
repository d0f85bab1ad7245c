import { addressesOf, anyNode, connectsToMachine, isNode } from "../nodes";
import { at, itemsAt } from "../reading";
import { type Finding, type Resource, type Rule, unknown, type Value } from "../rule";
import { transfers } from "./basis";
import type { Residency } from "./parameters";
import { whyUnreadable } from "./places";
import { isHost } from "./record";

const hypervisor = "kjerne:hypervisor:Hypervisor";
const verification = "kjerne:verify:Verification";

export const isMachine = (resource: Resource) => isNode(resource) || resource.type === hypervisor;

/** Addresses of machines that the program makes or the pack's parameter `machines` names. */
export function declaredAddresses(resources: readonly Resource[], { machines }: Residency): string[] {
  return [...machines, ...resources.filter(isMachine).flatMap(addressesOf).filter(isHost)];
}

/** Components too: a command is part of a machine by way of them. */
const isAround = ({ type, hasProvider }: Resource) => !hasProvider && !/^(kubernetes|pulumi|random):/.test(type);

export const declaredMachines: Rule<Residency> = {
  id: "RES-02",
  name: "declared-machines",
  title: "Commands and files go to declared machines only, and each node of a cluster is one of them.",
  basis: [transfers],
  reviewBy: "2027-05-20",
  severity: "critical",
  reads: [
    "command:remote:*, kjerne-drift:index:*: connection.host, connection.proxy.host, host.connection.host",
    `${verification}: wanted.nodes[].address`,
    `${anyNode}: address, machine.address; ${hypervisor}: address`,
  ],
  scope: "together",
  readsOrigins: true,
  appliesTo: (resource) => isMachine(resource) || connectsToMachine(resource) || isAround(resource),
  check: (resources, parameters) => {
    const declared = declaredAddresses(resources, parameters);
    return [
      ...resources.filter(connectsToMachine).flatMap((remote) => judgeRemote(remote, declared, resources)),
      ...resources.flatMap((resource) => judgeNodesOf(resource, declared)),
    ];
  },
};

function judgeRemote(remote: Resource, declared: readonly string[], resources: readonly Resource[]): Finding[] {
  // Until a machine is made its host key is unknown, and with it the whole connection.
  const later = at(remote.properties, "connection") === unknown;
  return later && leadsToMachine(remote, resources) ? [] : judgeHops(remote, declared);
}

function judgeHops({ urn, properties }: Resource, declared: readonly string[]): Finding[] {
  const others = ["connection.proxy", "host.connection"].filter((field) => at(properties, field) !== undefined);
  const hops = ["connection", ...others].map((field) => `${field}.host`);
  return hops.map((field) => judgeHost(urn, field, at(properties, field), declared));
}

/** A component may make a node without saying so. The verification of the cluster names every node with its address. */
function judgeNodesOf({ urn, properties }: Resource, declared: readonly string[]): Finding[] {
  return itemsAt(properties, "wanted.nodes").map(({ field, item }) =>
    judgeHost(urn, `${field}.address`, at(item, "address"), declared),
  );
}

/**
 * Whether a connection that is not known yet leads to a declared machine: the command is part of one, or the connection is
 * made from something that is part of one, such as the host key that a hypervisor makes for its node. `checkBefore` judges
 * the real address.
 */
function leadsToMachine(remote: Resource, resources: readonly Resource[]): boolean {
  const made = remote.madeFrom?.connection ?? [];
  return isWithin([remote.urn, ...made], machinesIn(resources), resources);
}

/**
 * Whether a command runs on a declared machine, as far as a preview can tell: it connects there, or it is part of it or of
 * the components that connect to it.
 */
export function isPartOfMachine(remote: Resource, resources: readonly Resource[]): boolean {
  const host = at(remote.properties, "connection.host");
  const machines = machinesIn(resources);
  return (
    machines.flatMap(addressesOf).some((address) => isHost(address) && address === host) ||
    leadsToMachine(remote, resources)
  );
}

const machinesIn = (resources: readonly Resource[]) =>
  resources.filter((resource) => isMachine(resource) && addressesOf(resource).some(isHost));

/** Whether one of these resources is a machine, or below one in the tree of components. */
function isWithin(urns: readonly string[], machines: readonly Resource[], resources: readonly Resource[]): boolean {
  const parents = new Map(resources.map(({ urn, parent }) => [urn, parent]));
  const names = new Set(machines.map(({ urn }) => urn));
  const within = (urn: string | undefined): boolean =>
    urn !== undefined && (names.has(urn) || within(parents.get(urn)));
  return urns.some(within);
}

function judgeHost(urn: string, field: string, value: Value | undefined, declared: readonly string[]): Finding {
  const allowed = declared.join(", ") || "none, for no machine is declared";
  const wayOut = "Declare the machine: as a node with its site, or as a Hypervisor. Else send nothing there.";
  if (!isHost(value)) {
    const reason = whyUnreadable(value, "a host");
    return { urn, field, state: "unverifiable", allowed, reason, wayOut };
  }
  if (declared.includes(value)) return { urn, field, state: "shown", read: value };
  return { urn, field, state: "violated", read: value, allowed, reason: "Nobody says where it is.", wayOut };
}
