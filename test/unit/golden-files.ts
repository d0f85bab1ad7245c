import { existsSync, readdirSync } from "node:fs";
import { join, relative } from "node:path";
import { assertGolden, assertNotGolden } from "./golden";

/** Compares files with the folder `test/golden/<name>`: each of them, and that the folder holds no other. */
export function assertGoldenFiles(name: string, files: Readonly<Record<string, string>>): void {
  for (const [path, content] of Object.entries(files)) assertGolden(join(name, path), content);

  const folder = join(__dirname, "../golden", name);
  const made = new Set(Object.keys(files).map((path) => path.replace(/^\//, "")));
  for (const path of filesBelow(folder).filter((path) => !made.has(path))) assertNotGolden(join(name, path));
}

function filesBelow(folder: string): string[] {
  const entries = existsSync(folder) ? readdirSync(folder, { recursive: true, withFileTypes: true }) : [];
  return entries.filter((entry) => entry.isFile()).map((entry) => relative(folder, join(entry.parentPath, entry.name)));
}
