import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { type Exception, parseExceptions } from "../../policies/exceptions";
import { type Pack, parametersFile } from "./packs";

/** A pack with the parameters and exceptions by which it judges a stack. */
export interface PackInUse extends Pick<Pack, "name" | "version" | "rules"> {
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly exceptions: readonly Exception[];
  /** SHA-256 of the file of exceptions; absent without such a file. */
  readonly exceptionsSha256?: string;
  readonly sha256: string;
}

/** Reads a pack's parameters and exceptions for a stack from the same files that the engine passes to it. */
export async function packInUse(repository: string, pack: Pack, stack: string): Promise<PackInUse> {
  const given = JSON.parse(await readFile(parametersFile(pack, stack), "utf8"));
  const parameters = pack.parameters.parse(given.pack ?? {}) as Record<string, unknown> & { exceptionsFile: string };
  const file = join(pack.directory, parameters.exceptionsFile);
  const text = existsSync(file) ? await readFile(file, "utf8") : undefined;
  return {
    name: pack.name,
    version: pack.version,
    rules: pack.rules,
    parameters,
    exceptions: text === undefined ? [] : parseExceptions(text),
    exceptionsSha256: text === undefined ? undefined : sha256(text),
    sha256: await filesHash(repository, pack.directory),
  };
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
