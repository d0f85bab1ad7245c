import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { preProcessFile } from "typescript";

export const root = join(__dirname, "../..");

/** One import, export, `import()` or `require()` in a TypeScript file of this repository. */
export interface Import {
  /** The file that imports; paths are relative to the repository. */
  readonly from: string;
  /** As it is written. */
  readonly specifier: string;
  /** The file or folder of this repository that it reaches, or `kjerne` for the package; absent for other packages. */
  readonly to?: string;
}

/** Folders at the top of the repository that hold TypeScript, found on disk. */
export const topFolders = readdirSync(root, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && !/^\.|^(dist|node_modules)$/.test(entry.name))
  .map(({ name }) => name)
  .filter((folder) => typeScriptBelow(folder).length > 0);

export const imports: readonly Import[] = topFolders.flatMap(typeScriptBelow).flatMap((from) => {
  const { importedFiles } = preProcessFile(readFileSync(join(root, from), "utf8"), true, true);
  return importedFiles.map(({ fileName }) => ({ from, specifier: fileName, to: reached(from, fileName) }));
});

/**
 * The folder below a top folder that a file lies in, such as `tools/lab`. A file right in a top folder counts for itself:
 * folders beside it may import it, and it may put them together.
 */
export function roomOf(file: string): string {
  const parts = file.split("/");
  return parts.length > 2 ? parts.slice(0, 2).join("/") : file;
}

/** Circles in a graph: each as the way that leads back to its start. */
export function circles(graph: ReadonlyMap<string, ReadonlySet<string>>): string[] {
  const seen = new Set<string>();
  const found: string[] = [];
  const follow = (one: string, way: readonly string[]) => {
    if (way.includes(one)) found.push([...way.slice(way.indexOf(one)), one].join(" -> "));
    if (seen.has(one)) return;
    seen.add(one);
    for (const next of graph.get(one) ?? []) follow(next, [...way, one]);
  };
  for (const one of graph.keys()) follow(one, []);
  return found;
}

function typeScriptBelow(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .filter((file) => !file.includes("node_modules/"));
}

function reached(from: string, specifier: string): string | undefined {
  if (/^kjerne(\/|$)/.test(specifier)) return "kjerne";
  if (!specifier.startsWith(".")) return undefined;
  const path = join(dirname(from), specifier);
  return [`${path}.ts`, `${path}/index.ts`].find((candidate) => existsSync(join(root, candidate))) ?? path;
}
