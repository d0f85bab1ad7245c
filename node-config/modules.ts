import type { FileSet } from "./file-set";

/** Every kernel module that a set of files loads at boot. */
export function modulesIn(files: FileSet): string[] {
  return Object.entries(files)
    .filter(([path]) => path.startsWith("/etc/modules-load.d/"))
    .flatMap(([, { content }]) => content.split("\n"))
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"));
}
