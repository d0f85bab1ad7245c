import type { FileSet } from "./file-set";

/** The kernel modules that these files load at boot, from /etc/modules-load.d. */
export function modulesIn(files: FileSet): string[] {
  return Object.entries(files)
    .filter(([path]) => path.startsWith("/etc/modules-load.d/"))
    .flatMap(([, { content }]) => content.split("\n"))
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"));
}
