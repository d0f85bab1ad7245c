import type * as pulumi from "@pulumi/pulumi";
import { MachineState } from "../drift/machine-state";
import type { FileSets } from "../machine/node-files";
import type { Member } from "./machines";

/**
 * Lets a refresh compare each machine with what was written there.
 *
 * @param others What parts of the cluster wrote beside its base: sets by the name of the node.
 */
export function watchMachines(
  members: readonly Member[],
  others: readonly Readonly<Record<string, FileSets>>[],
  parent: pulumi.Resource,
): MachineState[] {
  return members.map(({ node, base }) => {
    const { connection, container, host } = node;
    const sets = Object.assign({}, base.sets, ...others.map((sets) => sets[node.name]));
    return new MachineState(
      `${node.name}-state`,
      { connection, sets, container, host },
      { parent, deletedWith: node.machine },
    );
  });
}
