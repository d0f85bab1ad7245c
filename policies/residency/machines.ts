import { addressesOf, anyNode, isNode } from "../nodes";
import { at, itemsAt } from "../reading";
import { type Finding, type Resource, type Rule, unknown, type Value } from "../rule";
import { transfers } from "./basis";
import type { Residency } from "./parameters";
import { whyUnreadable } from "./places";
import { isHost } from "./record";

const hypervisor = "kjerne:hypervisor:Hypervisor";
const verification = "kjerne:verify:Verification";

const isMachine = (resource: Resource) => isNode(resource) || resource.type === hypervisor;
const isRemote = ({ type }: Resource) => type.startsWith("command:remote:");

export const declaredMachines: Rule<Residency> = {
  id: "RES-02",
  name: "declared-machines",
  title: "Commands and files go to declared machines only, and each node of a cluster is one of them.",
  basis: [transfers],
  reviewBy: "2027-05-20",
  severity: "critical",
  reads: [
    "command:remote:*: connection.host, connection.proxy.host",
    `${verification}: wanted.nodes[].address`,
    `${anyNode}: address, machine.address; ${hypervisor}: address`,
  ],
  scope: "together",
  appliesTo: (resource) => isMachine(resource) || isRemote(resource) || resource.type === verification,
  check: (resources, { machines }) => {
    const declared = [...machines, ...resources.filter(isMachine).flatMap(addressesOf).filter(isHost)];
    return [
      ...resources.filter(isRemote).flatMap((remote) => judgeRemote(remote, declared)),
      ...resources.flatMap((resource) => judgeNodesOf(resource, declared)),
    ];
  },
};

function judgeRemote(remote: Resource, declared: readonly string[]): Finding[] {
  const { urn, properties } = remote;
  // Until a node exists its host key is unknown, and with it the whole connection. kjerne's components connect to
  // declared machines only, and after the update the state shows the address.
  if (at(properties, "connection") === unknown && isInsideKjerne(remote)) return [];
  const hops = [
    "connection.host",
    ...(at(properties, "connection.proxy") === undefined ? [] : ["connection.proxy.host"]),
  ];
  return hops.map((field) => judgeHost(urn, field, at(properties, field), declared));
}

/** A component may make a node without saying so. The verification of the cluster names every node with its address. */
function judgeNodesOf({ urn, properties }: Resource, declared: readonly string[]): Finding[] {
  return itemsAt(properties, "wanted.nodes").map(({ field, item }) =>
    judgeHost(urn, `${field}.address`, at(item, "address"), declared),
  );
}

/**
 * Whether one of kjerne's components made the resource:
 * `…::kjerne:cluster:Cluster$kjerne:node:KvmNode$command:remote:Command::…`.
 */
function isInsideKjerne({ urn }: Resource): boolean {
  return /(^|\$)kjerne:(node|hypervisor|image|cluster|network):/.test(urn.split("::")[2] ?? "");
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
