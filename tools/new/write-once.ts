import { link, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

/**
 * Writes a file that is not there yet, whole or not at all, whenever this process is killed and whoever writes it at the
 * same time.
 *
 * @throws Error EEXIST where it is there
 */
export async function writeOnce(path: string, text: string): Promise<void> {
  const unfinished = join(dirname(path), `.${basename(path)}.${process.pid}`);
  try {
    await writeFile(unfinished, text);
    await link(unfinished, path);
  } finally {
    await rm(unfinished, { force: true });
  }
}
