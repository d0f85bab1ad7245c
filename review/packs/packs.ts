import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { PackContent } from "../../policies/all";
import { nameAmongOthers } from "../../policies/together";
import { builtPack, freshDirectory } from "./built-pack";

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

/** What a pack is told for one run: the level of a rule by the rule's name, and under `pack` its parameters. */
export interface PackConfig {
  readonly pack: Readonly<Record<string, unknown>> & { readonly exceptionsFile: string };
  readonly [policy: string]: unknown;
}

/** What a pack is told about a stack by the files of its repository. */
export async function packConfig(pack: Pack, stack: string): Promise<PackConfig> {
  return withExceptions(pack, JSON.parse(await readFile(parametersFile(pack, stack), "utf8")));
}

/** The path of the exceptions is relative to the pack's own directory. Made absolute here, it is the same for all. */
export function withExceptions(pack: Pack, given: Partial<PackConfig>): PackConfig {
  const standard = (pack.parameters.parse({}) as { exceptionsFile: string }).exceptionsFile;
  return {
    ...given,
    pack: { ...given.pack, exceptionsFile: resolve(pack.directory, String(given.pack?.exceptionsFile ?? standard)) },
  };
}

/**
 * Flags of `pulumi preview`, `up` and `policy analyze` with which every pack judges a stack.
 *
 * @param configOf What a pack is told.
 */
export async function packFlags(
  packs: readonly Pack[],
  repository: string,
  configOf: (pack: Pack) => Promise<PackConfig>,
): Promise<string[]> {
  const configs = packs.map(async (pack) => namedApart(pack, await configOf(pack)));
  const text = JSON.stringify(Object.assign({}, ...(await Promise.all(configs))), null, 2);
  const config = await freshDirectory(repository, "parameters", { "config.json": text });
  return ["--policy-pack", await builtPack(repository), "--policy-pack-config", join(config, "config.json")];
}

/** A pack's parameters, by the names that its policies have among those of all packs. */
function namedApart({ folder }: Pack, config: PackConfig): Record<string, unknown> {
  if ("all" in config)
    throw new Error(`parameters of ${folder} hold "all"; name each rule whose level differs instead`);
  return Object.fromEntries(Object.entries(config).map(([policy, one]) => [nameAmongOthers(folder, policy), one]));
}
