import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readdir, rename, rm } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { asRoot } from "./run";

/** Keeps built software between runs, outside of any checkout. */
export const cacheDirectory = join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "kjerne");

/** Keeps a lab's own files: keys, disks, sockets, the stack's state. */
export const stateDirectory = (lab: string) =>
  join(process.env.XDG_STATE_HOME ?? join(homedir(), ".local/state"), "kjerne", lab);

/**
 * A directory in the cache whose name is a hash of everything that it is built from. `build` fills a directory beside
 * it, which gets the name only when it is complete: an interrupted build leaves nothing that looks finished.
 *
 * @param cache Directory that holds such directories.
 */
export async function cached(
  name: string,
  inputs: readonly string[],
  build: (directory: string) => Promise<void>,
  cache = cacheDirectory,
): Promise<string> {
  const digest = createHash("sha256").update(JSON.stringify(inputs)).digest("hex");
  const directory = join(cache, `${name}-${digest.slice(0, 16)}`);
  if (existsSync(directory)) return directory;

  await sweep(cache);
  const unfinished = `${directory}.unfinished-${process.pid}`;
  await rm(unfinished, { recursive: true, force: true });
  await mkdir(unfinished, { recursive: true });
  try {
    await build(unfinished);
    await takeName(unfinished, directory);
  } finally {
    await remove(unfinished);
  }
  return directory;
}

/**
 * Removes the unfinished directories of builds that were killed: no build goes on with them, and some hold gigabytes.
 */
async function sweep(cache: string): Promise<void> {
  if (!existsSync(cache)) return;
  const left = (await readdir(cache)).filter((name) => {
    const builder = /\.unfinished-(\d+)$/.exec(name)?.[1];
    return builder !== undefined && !alive(Number(builder));
  });
  await Promise.all(left.map((name) => remove(join(cache, name))));
}

/** Some builds make files as root. */
async function remove(directory: string): Promise<void> {
  try {
    await rm(directory, { recursive: true, force: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EACCES") throw error;
    await asRoot("rm", "--recursive", "--force", "--one-file-system", directory);
  }
}

/** If another process has built the same meanwhile, its result is used. */
async function takeName(unfinished: string, directory: string): Promise<void> {
  try {
    await rename(unfinished, directory);
  } catch (error) {
    if (!existsSync(directory)) throw error;
  }
}

/** Whether a process with this number runs, under any user. */
export function alive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
