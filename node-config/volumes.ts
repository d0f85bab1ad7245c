/** A directory of a node that pods claim as a PersistentVolume. */
export interface VolumeSpec {
  /** Below /srv or /mnt, made by kjerne. What lies below /mnt has to be on a file system that is mounted there. */
  readonly directory: string;
  /** What claims count by. A file system of that size enforces it; a directory beside others doesn't. */
  readonly sizeGiB: number;
}

/** Its StorageClass; a claim names it. */
export const storageClass = "kjerne-local";

/** Names the node of a volume. */
export const volumeLabel = "kjerne.io/node";

/** Another directory is another volume: "worker1-srv-volumes-a". */
export function volumeName(node: string, { directory }: Pick<VolumeSpec, "directory">): string {
  return `${node}${directory.replaceAll("/", "-")}`;
}
