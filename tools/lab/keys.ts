import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { run } from "../run";
import { labFiles } from "./plan";

/** Makes the keys and secrets of a lab that do not exist yet. */
export async function ensureKeys(lab: string): Promise<void> {
  const files = labFiles(lab);
  await keyPair(files.sshKey, `kjerne lab ${lab}`);
  await keyPair(files.hostKey, `hypervisor of kjerne lab ${lab}`);
  const hostKey = await readFile(`${files.hostKey}.pub`, "utf8");
  await writeFile(files.knownHosts, `hypervisor ${hostKey}`);
  // At most 80 characters, the kernel's limit for a TCP-MD5 key.
  await secret(files.bgpPassword, 24);
  await secret(files.passphrase, 32);
}

/** Makes an ed25519 key pair, `file` and `file.pub`, unless it is there. */
export async function keyPair(file: string, comment: string): Promise<void> {
  if (existsSync(`${file}.pub`)) return;
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  // An interrupted run can leave a private key without its public half.
  await rm(file, { force: true });
  await run("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", comment, "-f", file]);
}

async function secret(file: string, bytes: number): Promise<void> {
  if (existsSync(file)) return;
  await writeFile(file, randomBytes(bytes).toString("base64url"), { mode: 0o600 });
}
