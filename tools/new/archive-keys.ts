import { existsSync } from "node:fs";
import { join } from "node:path";
import type { MachineFacts } from "./facts";
import { armoured, keyAddresses, type Maker } from "./supply";

/** A file to write: the public keys of a maker of packages, in ASCII armour. */
export interface KeyFile {
  readonly path: string;
  readonly text: string;
  /** Where they come from, for messages. */
  readonly from: string;
}

export const keyPath = (directory: string, of: Maker) => join(directory, `${of}.asc`);

/**
 * The keys of upstream's repositories that are not in the directory yet: Kubernetes' and Docker's from their own servers,
 * Debian's from a machine that runs it.
 *
 * @throws Error with everything that can't be had, and how else
 */
export async function missingKeys(
  directory: string,
  [machine]: readonly MachineFacts[],
  download: (address: string) => Promise<string>,
): Promise<KeyFile[]> {
  const all: Readonly<Record<Maker, readonly [from: string, text: () => Promise<string>]>> = {
    kubernetes: [keyAddresses.kubernetes, () => download(keyAddresses.kubernetes)],
    docker: [keyAddresses.docker, () => download(keyAddresses.docker)],
    debian: [`${machine?.name}:/usr/share/keyrings/debian-archive-keyring.gpg`, () => keyring(machine)],
  };
  const problems: string[] = [];
  const found = await Promise.all(
    (Object.keys(all) as Maker[])
      .filter((of) => !existsSync(keyPath(directory, of)))
      .map(async (of) => {
        const [from, text] = all[of];
        const path = keyPath(directory, of);
        try {
          return [{ path, from, text: await text() }];
        } catch (error) {
          problems.push(
            `${path}: ${(error as Error).message} (${from}); write the public key there, or name a mirror by PACKAGES=`,
          );
          return [];
        }
      }),
  );
  if (problems.length > 0) throw new Error(problems.join("\n"));
  return found.flat();
}

async function keyring(machine: MachineFacts | undefined): Promise<string> {
  if (!machine?.debianKeys) throw new Error("the machine has no keyring of Debian's");
  return armoured(machine.debianKeys);
}
