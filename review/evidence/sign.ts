import { spawn } from "node:child_process";
import { rm } from "node:fs/promises";
import { text } from "node:stream/consumers";

/** Namespace of the signature (`ssh-keygen -n`), so that a signature made for another purpose is never valid here. */
export const signatureNamespace = "kjerne-evidence";

/**
 * Signs a file with an SSH key (`ssh-keygen -Y sign`). The signature is the file of the same name with `.sig`.
 *
 * @param key Private key, or the public one of a key that an agent or a security key holds.
 * @returns the file of the signature
 * @throws Error with what ssh-keygen printed
 */
export async function sign(file: string, key: string): Promise<string> {
  const signature = `${file}.sig`;
  await rm(signature, { force: true }); // Otherwise ssh-keygen asks whether to overwrite it.
  const child = spawn("ssh-keygen", ["-Y", "sign", "-n", signatureNamespace, "-f", key, file], {
    stdio: ["inherit", "ignore", "pipe"],
  });
  const ended = new Promise<number | null>((resolve, reject) => child.on("error", reject).on("close", resolve));
  const [code, said] = await Promise.all([ended, text(child.stderr)]);
  if (code !== 0) throw new Error(`${file} is not signed: ${said.trim()}`);
  return signature;
}
