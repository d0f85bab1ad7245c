import { hostName } from "../../node-config/values/names";
import type { SeenMachine } from "./facts";
import type { SharedNetwork } from "./networks";

/** An entry of `kjerne:nodes` on a machine that is there already. */
export interface NodeSettings {
  readonly name: string;
  readonly role: "control-plane" | "worker";
  readonly address: string;
  readonly taints?: readonly never[];
  readonly machine: Readonly<Record<string, string | number | boolean>>;
}

/** What of the machines can't be nodes of one cluster, each with the way out. */
export function nodeProblems(seen: readonly SeenMachine[]): string[] {
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

/**
 * Roles in the order in which the machines were named: three control planes where they have an address to hand on, else
 * one. Workloads may run on control planes where there is nothing else.
 */
export function nodesOf(
  seen: readonly SeenMachine[],
  { addresses }: SharedNetwork,
  hasEndpoint: boolean,
): NodeSettings[] {
  const controlPlanes = hasEndpoint ? 3 : 1;
  const taints = seen.length > controlPlanes ? {} : { taints: [] };
  return seen.map(({ machine, facts }, at) => {
    const address = addresses[at] as string;
    const isControlPlane = at < controlPlanes;
    return {
      name: facts.name,
      role: isControlPlane ? "control-plane" : "worker",
      address,
      ...(isControlPlane ? taints : {}),
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
