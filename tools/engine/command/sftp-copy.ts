import { readdir, stat } from "node:fs/promises";
import { basename, join, posix } from "node:path";
import { promisify } from "node:util";
import type { Client, SFTPWrapper, Stats } from "ssh2";

/** SFTP's answer for a path that is not there. */
const noSuchFile = 2;

/** Writes a text to a file; directories above it are made. */
export async function copyText(client: Client, text: string, remotePath: string): Promise<void> {
  const sftp = await openSftp(client);
  if ((await remoteStat(sftp, remotePath))?.isDirectory()) {
    throw new Error(
      `remote path ${remotePath} is a directory; when using a text asset, remotePath must be a file path`,
    );
  }
  await makeDirectories(sftp, posix.dirname(remotePath));
  await promisify<string, string>(sftp.writeFile.bind(sftp))(remotePath, text);
}

/**
 * Copies a file or a directory. A file goes into a directory that exists, else it takes the remote path as its name.
 * A directory goes below the remote path under its own name; with `/` at its end, only what is in it goes there.
 */
export async function copyPath(client: Client, source: string, remotePath: string): Promise<void> {
  const isDirectory = (await stat(source)).isDirectory();
  const sftp = await openSftp(client);
  const there = await remoteStat(sftp, remotePath);
  if (isDirectory) {
    return copyDirectory(sftp, source, source.endsWith("/") ? remotePath : posix.join(remotePath, basename(source)));
  }
  if (!there) await makeDirectories(sftp, posix.dirname(remotePath));
  await copyFile(sftp, source, there?.isDirectory() ? posix.join(remotePath, basename(source)) : remotePath);
}

async function copyDirectory(sftp: SFTPWrapper, source: string, remotePath: string): Promise<void> {
  await makeDirectories(sftp, remotePath);
  for (const name of await readdir(source)) {
    const [from, to] = [join(source, name), posix.join(remotePath, name)];
    await ((await stat(from)).isDirectory() ? copyDirectory(sftp, from, to) : copyFile(sftp, from, to));
  }
}

async function copyFile(sftp: SFTPWrapper, source: string, remotePath: string): Promise<void> {
  try {
    await promisify<string, string>(sftp.fastPut.bind(sftp))(source, remotePath);
  } catch (error) {
    throw new Error(`failed to copy file ${source} to remote path ${remotePath}: ${(error as Error).message}`);
  }
}

async function makeDirectories(sftp: SFTPWrapper, path: string): Promise<void> {
  const there = await remoteStat(sftp, path);
  if (there?.isDirectory()) return;
  if (there) throw new Error(`remote path ${path} exists but is not a directory`);
  await makeDirectories(sftp, posix.dirname(path));
  try {
    await promisify<string>(sftp.mkdir.bind(sftp))(path);
  } catch (error) {
    // Another copy may have made it in the meantime.
    if ((await remoteStat(sftp, path))?.isDirectory()) return;
    throw new Error(`failed to create remote directory ${path}: ${(error as Error).message}`);
  }
}

async function remoteStat(sftp: SFTPWrapper, path: string): Promise<Stats | undefined> {
  try {
    return await promisify<string, Stats>(sftp.stat.bind(sftp))(path);
  } catch (error) {
    if ((error as { code?: number }).code === noSuchFile) return undefined;
    throw new Error(`failed to stat remote path ${path}: ${(error as Error).message}`);
  }
}

function openSftp(client: Client): Promise<SFTPWrapper> {
  return new Promise((resolve, reject) => {
    client.once("close", () => reject(new Error("the connection was lost")));
    client.sftp((error, sftp) => (error ? reject(error) : resolve(sftp)));
  });
}
