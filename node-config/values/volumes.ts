import { matching, type Rule } from "./rule";

/** It becomes a part of a name in the cluster, and policies know both places as those of disks. */
const place: Rule = matching(
  /^\/(srv|mnt)(\/[a-z0-9]([a-z0-9-]*[a-z0-9])?)+$/,
  "is not a directory for a volume, such as /srv/volumes/a or /mnt/nvme0/a: below /srv or /mnt, of lower-case letters, digits and hyphens",
);

export const volumeDirectory: Rule = (path) => {
  const wrong = place(path);
  if (wrong) return wrong;
  if (/^\/mnt\/[^/]+$/.test(path))
    return `is where a file system is mounted, whose own files (lost+found) a pod would get; name a directory in it, such as ${path}/a`;
  return path.length > 150 ? "is longer than 150 characters" : undefined;
};

interface Node {
  readonly name: string;
  readonly rootGiB?: number;
  readonly volumes?: readonly { readonly directory: string; readonly sizeGiB: number }[];
}

/** Of the root disk, for system, images and logs. */
const systemGiB = 12;

/** A machine that kjerne makes has one disk for all, on which nothing is mounted below /mnt. */
export function fitOnRootDisk(nodes: readonly (Node & Required<Pick<Node, "rootGiB">>)[]): string[] {
  return nodes.flatMap(({ name, rootGiB, volumes = [] }) => {
    const mounted = volumes.filter(({ directory }) => directory.startsWith("/mnt/"));
    const sum = volumes.reduce((gib, { sizeGiB }) => gib + sizeGiB, 0);
    return [
      ...mounted.map(
        ({ directory }) =>
          `nodes: ${name} has its volume in ${directory}, and kjerne makes that machine with nothing mounted there; choose a directory below /srv`,
      ),
      ...(sum > 0 && sum + systemGiB > rootGiB
        ? [
            `nodes: the volumes of ${name} are ${sum} GiB on a root disk of ${rootGiB}, which needs ${systemGiB} for itself; write rootGiB: ${sum + systemGiB} for a new machine, or smaller volumes`,
          ]
        : []),
    ];
  });
}
