import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { type Exception, parseExceptions } from "../../policies/exceptions";
import type { Pack, PackConfig } from "./packs";

/** A pack with the parameters and exceptions by which it judges a stack. */
export interface PackInUse extends Pick<Pack, "name" | "version" | "rules"> {
  readonly parameters: Readonly<Record<string, unknown>>;
  /** Level of each rule that does not stop a run when it is violated, by the rule's name. */
  readonly levels: ReadonlyMap<string, Level>;
  readonly exceptions: readonly Exception[];
  /** Why the file of exceptions can't be read. Empty if it can. */
  readonly problems: readonly string[];
  /** SHA-256 of the file of exceptions; absent without such a file. */
  readonly exceptionsSha256?: string;
  readonly sha256: string;
}

/** What the engine does about a violation: stop, warn, or nothing at all. */
export type Level = "mandatory" | "advisory" | "disabled";

/**
 * A pack as it judges with a configuration, which the engine gets too.
 *
 * @param exceptionsName The file of exceptions, for people. @default - its path in the repository
 */
export async function packInUse(
  repository: string,
  pack: Pack,
  config: PackConfig,
  exceptionsName = relative(repository, config.pack.exceptionsFile),
): Promise<PackInUse> {
  const parameters = pack.parameters.parse(config.pack) as Record<string, unknown> & { exceptionsFile: string };
  const file = parameters.exceptionsFile;
  const text = existsSync(file) ? await readFile(file, "utf8") : undefined;
  const { exceptions, problems } = exceptionsIn(exceptionsName, text);
  return {
    name: pack.name,
    version: pack.version,
    rules: pack.rules,
    levels: levelsIn(config),
    parameters: { ...parameters, exceptionsFile: exceptionsName },
    exceptions,
    problems,
    exceptionsSha256: text === undefined ? undefined : sha256(text),
    sha256: await filesHash(repository, pack.directory),
  };
}

function exceptionsIn(name: string, text: string | undefined): Pick<PackInUse, "exceptions" | "problems"> {
  try {
    return { exceptions: text === undefined ? [] : parseExceptions(text), problems: [] };
  } catch (error) {
    return { exceptions: [], problems: [`${name}: ${(error as Error).message.split("\n")[0]}`] };
  }
}

/** Policies whose level in a configuration is not `mandatory`, by their names in the pack. */
export function levelsIn(config: Readonly<Record<string, unknown>>): Map<string, Level> {
  const levels = Object.entries(config).map(([policy, given]) => [policy, levelOf(given)] as const);
  return new Map(levels.filter(([policy, level]) => policy !== "pack" && level !== "mandatory"));
}

/** `"advisory"` or `{ "enforcementLevel": "advisory" }`. `remediate` changes nothing here: no rule can. */
function levelOf(given: unknown): Level {
  const level =
    typeof given === "object" && given !== null && "enforcementLevel" in given ? given.enforcementLevel : given;
  return level === "advisory" || level === "disabled" ? level : "mandatory";
}

/** SHA-256 over names and contents of a pack's files and of the files in `policies/` that packs share. */
async function filesHash(repository: string, directory: string): Promise<string> {
  const policies = join(repository, "policies");
  const entries = await readdir(policies, { recursive: true, withFileTypes: true });
  const packs = entries.filter(({ name }) => name === "PulumiPolicy.yaml").map(({ parentPath }) => parentPath);
  const files = entries
    .filter((entry) => entry.isFile() && !entry.name.startsWith("exceptions.y"))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => !packs.some((other) => other !== directory && file.startsWith(`${other}/`)))
    .sort();
  const lines = await Promise.all(
    files.map(async (file) => `${sha256(await readFile(file))}  ${relative(policies, file)}`),
  );
  return sha256(lines.join("\n"));
}

const sha256 = (content: string | Buffer) => createHash("sha256").update(content).digest("hex");
