import { createHash } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { page } from "./page";
import { type Evidence, evidenceSchema } from "./schema";

/** Writes `evidence.json`, and `evidence.html` for people. @returns `evidence.json`, the file to sign */
export async function writeEvidence(directory: string, evidence: Evidence): Promise<string> {
  const text = `${JSON.stringify(evidenceSchema.parse(evidence), null, 2)}\n`;
  const file = join(directory, "evidence.json");
  await mkdir(directory, { recursive: true });
  await writeFile(file, text);
  await writeFile(join(directory, "evidence.html"), page(evidence, createHash("sha256").update(text).digest("hex")));
  return file;
}
