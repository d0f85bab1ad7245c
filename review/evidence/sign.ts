import { spawn } from "node:child_process";
import { rm } from "node:fs/promises";
import { text } from "node:stream/consumers";

/** Says what a signature is for, so that one made for something else never passes: `ssh-keygen -n`. */
export const signatureNamespace = "kjerne-evidence";

/**
 * Signs a file with an SSH key, as ssh-keygen(1) does with `-Y sign`; the signature lies beside it with `.sig`.
 *
 * @param key Private key, or the public one of a key that an agent or a security key holds.
 * @throws Error with what ssh-keygen said.
 */
export async function sign(file: string, key: string): Promise<string> {
  const signature = `${file}.sig`;
  await rm(signature, { force: true }); // ssh-keygen asks before it writes over one.
  const child = spawn("ssh-keygen", ["-Y", "sign", "-n", signatureNamespace, "-f", key, file], {
    stdio: ["inherit", "ignore", "pipe"],
  });
  const ended = new Promise<number | null>((resolve, reject) => child.on("error", reject).on("close", resolve));
  const [code, said] = await Promise.all([ended, text(child.stderr)]);
  if (code !== 0) throw new Error(`${file} is not signed: ${said.trim()}`);
  return signature;
}
