import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Rule } from "../../policies/rule";
import { builtPack } from "./built-packs";

/** A policy pack of this repository. */
export interface Pack {
  /** Its folder in `policies/`: `residency`. */
  readonly folder: string;
  /** Its name in the engine: `kjerne-residency`. */
  readonly name: string;
  readonly version: string;
  readonly directory: string;
  readonly rules: readonly Rule[];
}

/**
 * Every pack in `policies/` of a checkout. They are found and not listed, so that a new pack can't be forgotten.
 *
 * @throws Error when there is none: a run without packs would be green.
 */
export async function findPacks(repository: string): Promise<Pack[]> {
  const folders = (await readdir(join(repository, "policies"), { withFileTypes: true }))
    .filter((entry) => existsSync(join(entry.parentPath, entry.name, "PulumiPolicy.yaml")))
    .map(({ name }) => name)
    .sort();
  if (folders.length === 0) throw new Error(`${repository}/policies holds no policy pack; nothing would be judged`);
  return Promise.all(
    folders.map(async (folder) => {
      const directory = join(repository, "policies", folder);
      const { name, version } = JSON.parse(await readFile(join(directory, "package.json"), "utf8"));
      const { rules } = await import(join(directory, "rules"));
      return { folder, name, version, directory, rules };
    }),
  );
}

/** What a pack is told for a stack; without a file of its own its defaults hold, which are strict. */
export function parametersFile({ directory }: Pick<Pack, "directory">, stack: string): string {
  const parameters = join(directory, `parameters.${stack}.json`);
  return existsSync(parameters) ? parameters : join(__dirname, "defaults.json");
}

/**
 * Flags of `pulumi preview`, `up` and `policy analyze` by which every pack judges a stack.
 *
 * @param told The file of parameters for a pack.
 */
export async function packFlags(packs: readonly Pack[], told: (pack: Pack) => string): Promise<string[]> {
  const built = await Promise.all(packs.map(builtPack));
  return packs.flatMap((pack, index) => [
    "--policy-pack",
    built[index] as string,
    // The engine wants a file for each pack or for none.
    "--policy-pack-config",
    told(pack),
  ]);
}
