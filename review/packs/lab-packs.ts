import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { stringify } from "yaml";
import { parseExceptions } from "../../policies/exceptions";
import { findPacks, packConfig, packFlags } from "./packs";

/**
 * Flags with which every pack judges a lab. A lab has the parameters and exceptions of the stack `lab`, whatever its
 * name.
 *
 * @param state Directory of the lab; gets the exceptions as files in `policy/`.
 */
export async function labPackFlags(repository: string, lab: string, state: string): Promise<string[]> {
  const directory = join(state, "policy");
  await mkdir(directory, { recursive: true });
  return packFlags(await findPacks(repository), repository, async (pack) => {
    const config = await packConfig(pack, "lab");
    const exceptionsFile = join(directory, `${pack.folder}.yaml`);
    const exceptions = exceptionsOf(lab, await readFile(config.pack.exceptionsFile, "utf8"));
    await writeFile(exceptionsFile, stringify({ exceptions }));
    return { ...config, pack: { ...config.pack, exceptionsFile } };
  });
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
