import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { PackContent } from "../../policies/all";
import { nameAmongOthers } from "../../policies/together";
import { cached } from "../../tools/cache";
import { builtPack } from "./built-pack";

/** A policy pack of this repository. */
export interface Pack extends PackContent {
  /** Its folder in `policies/`: `residency`. */
  readonly folder: string;
  /** Its name in the engine: `kjerne-residency`. */
  readonly name: string;
  readonly version: string;
  readonly directory: string;
}

/**
 * Every pack of a checkout.
 *
 * @throws Error if there is none: a run without packs would pass.
 */
export async function findPacks(repository: string): Promise<Pack[]> {
  const policies = join(repository, "policies");
  const list = join(policies, "all.ts");
  const packs: Record<string, PackContent> = existsSync(list) ? (await import(list)).packs : {};
  if (Object.keys(packs).length === 0) throw new Error(`${list} lists no policy pack; nothing would be judged`);
  return Promise.all(
    Object.entries(packs).map(async ([folder, content]) => {
      const directory = join(policies, folder);
      const { name, version } = JSON.parse(await readFile(join(directory, "package.json"), "utf8"));
      return { folder, name, version, directory, ...content };
    }),
  );
}

/**
 * File with the parameters of a pack for a stack. A stack without such a file gets the pack's defaults, which are
 * strict.
 */
export function parametersFile({ directory }: Pick<Pack, "directory">, stack: string): string {
  const parameters = join(directory, `parameters.${stack}.json`);
  return existsSync(parameters) ? parameters : join(__dirname, "defaults.json");
}

/**
 * Flags of `pulumi preview`, `up` and `policy analyze` with which every pack judges a stack.
 *
 * @param parametersOf Names the file with a pack's parameters.
 */
export async function packFlags(
  packs: readonly Pack[],
  repository: string,
  parametersOf: (pack: Pack) => string,
): Promise<string[]> {
  const configs = packs.map(async (pack) => namedApart(pack, JSON.parse(await readFile(parametersOf(pack), "utf8"))));
  const text = JSON.stringify(Object.assign({}, ...(await Promise.all(configs))), null, 2);
  const write = (directory: string) => writeFile(join(directory, "config.json"), text);
  const config = await cached("parameters", [text], write, join(repository, "dist/policies"));
  return ["--policy-pack", await builtPack(repository), "--policy-pack-config", join(config, "config.json")];
}

/** A pack's parameters, by the names that its policies have among those of all packs. */
function namedApart({ folder }: Pack, config: Readonly<Record<string, unknown>>): Record<string, unknown> {
  if ("all" in config)
    throw new Error(`parameters of ${folder} hold "all"; name each rule whose level differs instead`);
  return Object.fromEntries(Object.entries(config).map(([policy, one]) => [nameAmongOthers(folder, policy), one]));
}
