import assert from "node:assert/strict";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { assertGolden } from "./golden";

/** Compares files with the folder `test/golden/<name>`: each of them, and that the folder holds no other. */
export function assertGoldenFiles(name: string, files: Readonly<Record<string, string>>): void {
  const differences = Object.entries(files).flatMap(([path, content]) => {
    try {
      assertGolden(join(name, path), content);
      return [];
    } catch (difference) {
      return [difference as Error];
    }
  });
  // All are compared before the first is thrown, so that one UPDATE_GOLDEN=1 rewrites all of them.
  if (differences[0]) throw differences[0];

  const folder = join(__dirname, "../golden", name);
  const entries = existsSync(folder) ? readdirSync(folder, { recursive: true, withFileTypes: true }) : [];
  const found = entries.filter((e) => e.isFile()).map((e) => join(e.parentPath, e.name).slice(folder.length + 1));
  const wanted = Object.keys(files).map((path) => path.replace(/^\//, ""));
  assert.deepEqual(
    found.sort(),
    wanted.sort(),
    `test/golden/${name} holds other files than are made now; remove the old ones`,
  );
}
