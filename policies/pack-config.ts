import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { z } from "zod";
import { type Exception, parseExceptions } from "./exceptions";

/** What a pack is told for one run. What can't be read is a problem, and the strict default is used in its place. */
export interface PackConfig<P> {
  readonly parameters: P;
  readonly exceptions: readonly Exception[];
  /** Sentences about what could not be read. */
  readonly problems: readonly string[];
}

/**
 * Reads the parameters that the engine hands over, and the exceptions beside the packs.
 *
 * @param schema - holds `exceptionsFile`, relative to the pack's own directory, and a default for everything
 * @param given - what stands at the key `pack` of `--policy-pack-config`
 */
export function readPackConfig<P>(schema: z.ZodType<P>, given: unknown): PackConfig<P> {
  const parsed = schema.safeParse(given);
  const parameters = parsed.success ? parsed.data : schema.parse({});
  const problems = parsed.success
    ? []
    : parsed.error.issues.map(({ path, message }) => `Parameter ${["pack", ...path].join(".")}: ${message}.`);
  const file = (parameters as { exceptionsFile: string }).exceptionsFile;
  try {
    return { parameters, problems, exceptions: readExceptions(file) };
  } catch (error) {
    return {
      parameters,
      exceptions: [],
      problems: [...problems, `${file}: ${(error as Error).message.split("\n")[0]}`],
    };
  }
}

/** No file, no exceptions: a wrong path only makes the pack stricter. */
function readExceptions(file: string): Exception[] {
  const path = resolve(file);
  return existsSync(path) ? parseExceptions(readFileSync(path, "utf8")) : [];
}
