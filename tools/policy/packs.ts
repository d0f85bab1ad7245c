import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Rule } from "../../policies/rule";

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

/**
 * Flags of `pulumi preview`, `up` and `policy analyze` by which every pack judges a stack: with
 * `policies/<pack>/parameters.<stack>.json` where there is one, else with the pack's own defaults, which are strict.
 */
export function packFlags(packs: readonly Pack[], stack: string): string[] {
  return packs.flatMap(({ directory }) => {
    const parameters = join(directory, `parameters.${stack}.json`);
    // The engine wants a file for each pack or for none.
    const file = existsSync(parameters) ? parameters : join(__dirname, "defaults.json");
    return ["--policy-pack", directory, "--policy-pack-config", file];
  });
}
