import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { stringify } from "yaml";
import { parseExceptions } from "../../policies/exceptions";
import { findPacks, type Pack, packFlags, parametersFile } from "./packs";

/**
 * Flags by which every pack judges a lab. Labs have names; each is judged as the stack `lab` is, with its parameters and
 * its exceptions.
 *
 * @param state Directory of the lab, which keeps what the packs are told.
 */
export async function labPackFlags(repository: string, lab: string, state: string): Promise<string[]> {
  const packs = await findPacks(repository);
  const told = join(state, "policy");
  await mkdir(told, { recursive: true });
  const files = new Map<Pack, string>();
  for (const pack of packs) {
    const config = JSON.parse(await readFile(parametersFile(pack, "lab"), "utf8"));
    const exceptions = join(pack.directory, config.pack?.exceptionsFile ?? "../exceptions.yaml");
    const [exceptionsFile, parameters] = [join(told, `${pack.folder}.yaml`), join(told, `${pack.folder}.json`)];
    await writeFile(exceptionsFile, stringify({ exceptions: exceptionsOf(lab, await readFile(exceptions, "utf8")) }));
    await writeFile(parameters, JSON.stringify({ ...config, pack: { ...config.pack, exceptionsFile } }));
    files.set(pack, parameters);
  }
  return packFlags(packs, repository, (pack) => files.get(pack) as string);
}

/** The stack's own resource has the stack's name in it. */
function exceptionsOf(lab: string, text: string) {
  const own = parseExceptions(text).filter(({ stack }) => stack === "lab");
  return own.map((exception) => ({
    ...exception,
    stack: lab,
    resource: exception.resource === "Stack kjerne-lab" ? `Stack kjerne-${lab}` : exception.resource,
  }));
}
