import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { privateKey } from "../../node-config/values/ssh-keys";

/** `~` is the home directory. */
export const ownPath = (file: string) => file.replace(/^~(?=\/)/, homedir());

/** The operator's private key. @throws Error where it is missing, none, or protected by a passphrase */
export async function keyIn(file: string): Promise<string> {
  const content = await readFile(ownPath(file), "utf8").catch(({ message }: Error) => {
    throw new Error(
      `KEY: ${message}; make a key pair with ssh-keygen -t ed25519 -N '' -f ${file}, and put ${file}.pub on each machine with ssh-copy-id`,
    );
  });
  const wrong = privateKey(content);
  if (wrong) throw new Error(`KEY: ${file} ${wrong}`);
  return content;
}

/** Calico's manifest at an address or in a file, and the sum by which it is known from now on. */
export async function manifestAt(place: string): Promise<{ place: string; sha256: string }> {
  const text = await (/^https?:/.test(place) ? download(place) : readFile(ownPath(place), "utf8")).catch(
    ({ message }: Error) => {
      throw new Error(
        `CALICO: ${place}: ${message}; name a calico.yaml, as a file or as an address that answers from here`,
      );
    },
  );
  return { place, sha256: createHash("sha256").update(text).digest("hex") };
}

export async function download(address: string): Promise<string> {
  const response = await fetch(address).catch(({ message, cause }: Error) => {
    throw new Error(cause instanceof Error ? cause.message : message);
  });
  if (!response.ok) throw new Error(`${response.status} ${response.statusText}`);
  return response.text();
}
