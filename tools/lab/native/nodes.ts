import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { namespaces } from "../namespaces";
import { labFiles, machineOf, type Role, roles } from "../plan";

/** Names of a lab's native nodes, in order: each has files or a network namespace. */
export async function nodesOf(lab: string): Promise<string[]> {
  const { nodes } = labFiles(lab);
  const made = existsSync(nodes) ? (await readdir(nodes)).filter((name) => !name.endsWith(".unfinished")) : [];
  const running = (await namespaces())
    .map(machineOf)
    .flatMap((found) => (found?.lab === lab && !roles.includes(found.machine as Role) ? [found.machine] : []));
  return [...new Set([...made, ...running])].sort();
}
