import { existsSync } from "node:fs";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Rule } from "../../policies/rule";
import { nameAmongOthers } from "../../policies/together";
import { cached } from "../../tools/cache";
import { builtPack } from "./built-pack";

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
export async function packFlags(
  packs: readonly Pack[],
  repository: string,
  told: (pack: Pack) => string,
): Promise<string[]> {
  const configs = packs.map(async (pack) => namedApart(pack, JSON.parse(await readFile(told(pack), "utf8"))));
  const text = JSON.stringify(Object.assign({}, ...(await Promise.all(configs))), null, 2);
  const write = (directory: string) => writeFile(join(directory, "config.json"), text);
  const config = await cached("told", [text], write, join(repository, "dist/policies"));
  return ["--policy-pack", await builtPack(packs, repository), "--policy-pack-config", join(config, "config.json")];
}

/** A pack's parameters by the names that its policies have among those of all packs. */
function namedApart({ folder }: Pack, config: Readonly<Record<string, unknown>>): Record<string, unknown> {
  if ("all" in config) throw new Error(`parameters of ${folder} hold "all"; name the rules whose level is another one`);
  return Object.fromEntries(Object.entries(config).map(([policy, one]) => [nameAmongOthers(folder, policy), one]));
}
