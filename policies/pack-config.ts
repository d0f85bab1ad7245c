import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { z } from "zod";
import { type Exception, parseExceptions } from "./exceptions";

/** Configuration of a pack for one run. If the parameters can't be read, the defaults hold, which are strict. */
export interface PackConfig<P> {
  readonly parameters: P;
  readonly exceptions: readonly Exception[];
  /** What could not be read, a sentence each. */
  readonly problems: readonly string[];
}

/**
 * Reads the parameters that the engine hands over, and the exceptions in the file that they name.
 *
 * @param schema - has `exceptionsFile`, relative to the pack's own directory, and a default for every parameter
 * @param given - value of the key `pack` in `--policy-pack-config`
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

/** A missing file means no exceptions: with a wrong path the pack is stricter, never laxer. */
function readExceptions(file: string): Exception[] {
  const path = resolve(file);
  return existsSync(path) ? parseExceptions(readFileSync(path, "utf8")) : [];
}
