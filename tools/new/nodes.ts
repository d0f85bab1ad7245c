import { hostName } from "../../node-config/values/names";
import type { SeenMachine } from "./facts";
import type { SharedNetwork } from "./networks";

/** An entry of `kjerne:nodes` on a machine that is there already. */
export interface NodeSettings extends Role {
  readonly name: string;
  readonly address: string;
  readonly machine: Readonly<Record<string, string | number | boolean>>;
}

/** What of the machines' names stands in the way, each with the way out. */
export function nameProblems(seen: readonly SeenMachine[]): string[] {
  const names = seen.map(({ facts }) => facts.name);
  return seen.flatMap(({ machine: { words }, facts: { name } }, at) => {
    const rename = `there: hostnamectl set-hostname ${at === 0 ? "cp1" : `node${at + 1}`}`;
    const wrong = hostName(name);
    if (wrong) return [`${words}: it calls itself ${name}, which ${wrong}; ${rename}`];
    const other = names.indexOf(name);
    if (other === at) return [];
    return [
      `${words}: it calls itself ${name}, as ${seen[other]?.machine.words} does, and a node has the name of its machine; ${rename}`,
    ];
  });
}

/** What a node does in the cluster. */
export interface Role {
  readonly role: "control-plane" | "worker";
  readonly taints?: readonly never[];
}

/**
 * In the order in which machines or addresses were named: three control planes where they have an address to hand on,
 * else one. Workloads may run on control planes where there is nothing else.
 */
export function rolesOf(count: number, hasEndpoint: boolean): Role[] {
  const controlPlanes = hasEndpoint && count >= 3 ? 3 : 1;
  return Array.from({ length: count }, (_, at) => {
    if (at >= controlPlanes) return { role: "worker" };
    return { role: "control-plane", ...(count > controlPlanes ? {} : { taints: [] }) };
  });
}

/** Nodes on machines that are there already, each at its own address in the network of the nodes. */
export function nodesOf(
  seen: readonly SeenMachine[],
  { addresses }: SharedNetwork,
  hasEndpoint: boolean,
): NodeSettings[] {
  const roles = rolesOf(seen.length, hasEndpoint);
  return seen.map(({ machine, facts }, at) => {
    const address = addresses[at] as string;
    return {
      name: facts.name,
      address,
      ...(roles[at] as Role),
      machine: {
        ...(machine.address === address ? {} : { address: machine.address }),
        ...(machine.port === 22 ? {} : { port: machine.port }),
        ...(machine.user === "root" ? {} : { user: machine.user }),
        hostKey: machine.hostKey,
        ...(facts.container ? { container: true } : {}),
      },
    };
  });
}
