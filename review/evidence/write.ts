import { createHash } from "node:crypto";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { page } from "./page";
import { type Evidence, evidenceSchema } from "./schema";

/**
 * Writes `evidence.json`, and `evidence.html` for people.
 *
 * @param sign Signs a file and returns that of the signature. @default - not signed, and the page says so
 * @returns the files that it wrote
 */
export async function writeEvidence(
  directory: string,
  evidence: Evidence,
  sign?: (file: string) => Promise<string>,
): Promise<string[]> {
  const text = `${JSON.stringify(evidenceSchema.parse(evidence), null, 2)}\n`;
  const [file, view] = [join(directory, "evidence.json"), join(directory, "evidence.html")];
  await mkdir(directory, { recursive: true });
  // A signature or a page of another run would speak of this one.
  await Promise.all([`${file}.sig`, view].map((old) => rm(old, { force: true })));
  await writeFile(file, text);
  const signature = await sign?.(file);
  const sum = createHash("sha256").update(text).digest("hex");
  await writeFile(view, page(evidence, sum, signature && basename(signature)));
  return [file, view, ...(signature ? [signature] : [])];
}
