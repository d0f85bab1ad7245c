import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parseDocument } from "yaml";

/**
 * What the engine itself keeps in a stack's settings file (`Pulumi.<stack>.yaml`): how the stack's secrets are
 * encrypted.
 */
export const engineKeys = ["secretsprovider", "encryptedkey", "encryptionsalt"] as const;

/**
 * The text of a program's project file (`Pulumi.yaml`) for a directory of its own, where a stack's settings lie beside
 * it instead of in `stackConfigDir`.
 */
export async function projectWithOwnSettings(program: string): Promise<string> {
  const project = parseDocument(await readFile(join(program, "Pulumi.yaml"), "utf8"));
  project.delete("stackConfigDir");
  return project.toString();
}
