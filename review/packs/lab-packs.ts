import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { stringify } from "yaml";
import { parseExceptions } from "../../policies/exceptions";
import { findPacks, type Pack, packFlags, parametersFile } from "./packs";

/**
 * Flags with which every pack judges a lab. A lab has the parameters and exceptions of the stack `lab`, whatever its
 * name.
 *
 * @param state Directory of the lab; gets the parameters and exceptions as files in `policy/`.
 */
export async function labPackFlags(repository: string, lab: string, state: string): Promise<string[]> {
  const packs = await findPacks(repository);
  const directory = join(state, "policy");
  await mkdir(directory, { recursive: true });
  const files = new Map<Pack, string>();
  for (const pack of packs) {
    const config = JSON.parse(await readFile(parametersFile(pack, "lab"), "utf8"));
    const exceptions = join(pack.directory, config.pack?.exceptionsFile ?? "../exceptions.yaml");
    const [exceptionsFile, parameters] = [
      join(directory, `${pack.folder}.yaml`),
      join(directory, `${pack.folder}.json`),
    ];
    await writeFile(exceptionsFile, stringify({ exceptions: exceptionsOf(lab, await readFile(exceptions, "utf8")) }));
    await writeFile(parameters, JSON.stringify({ ...config, pack: { ...config.pack, exceptionsFile } }));
    files.set(pack, parameters);
  }
  return packFlags(packs, repository, (pack) => files.get(pack) as string);
}

/** The exceptions of the stack `lab`, for a lab of another name. The stack's own resource has its name in it. */
function exceptionsOf(lab: string, text: string) {
  const own = parseExceptions(text).filter(({ stack }) => stack === "lab");
  return own.map((exception) => ({
    ...exception,
    stack: lab,
    resource: exception.resource === "Stack kjerne-lab" ? `Stack kjerne-${lab}` : exception.resource,
  }));
}
