import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

/** Content and permissions of a file on a node. `mode` is octal, as `install -m` takes it. */
export interface NodeFile {
  readonly content: string;
  readonly mode: string;
}

/** Files of a node by their absolute path. */
export type FileSet = Readonly<Record<string, NodeFile>>;

/**
 * Reads a folder of `node-config/` as files of a node: `common/etc/x` becomes `/etc/x`. A file that is executable here
 * gets the mode 0755 there, any other 0644.
 */
export function readTree(tree: string): FileSet {
  const root = join(__dirname, tree);
  const files = readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return Object.fromEntries(
    files
      .map((entry) => join(entry.parentPath, entry.name))
      .sort()
      .map((path) => [path.slice(root.length), { content: readFileSync(path, "utf8"), mode: modeOf(path) }]),
  );
}

/** Lines of a list below `node-config/`, such as `machine/places.txt`, without comments. */
export function listIn(path: string): string[] {
  const lines = readFileSync(join(__dirname, path), "utf8").split("\n");
  return lines.filter((line) => line !== "" && !line.startsWith("#"));
}

/** Joins file sets. Throws when two of them have the same path: no set overrides another. */
export function merge(...sets: readonly FileSet[]): FileSet {
  const all: Record<string, NodeFile> = {};
  for (const [path, file] of sets.flatMap((set) => Object.entries(set))) {
    if (path in all) throw new Error(`node-config: ${path} is provided twice; keep one owner per path`);
    all[path] = file;
  }
  return all;
}

/** One generated file, readable by all unless `mode` says otherwise. */
export function file(path: string, content: string, mode = "0644"): FileSet {
  return { [path]: { content, mode } };
}

function modeOf(path: string): string {
  return statSync(path).mode & 0o100 ? "0755" : "0644";
}
