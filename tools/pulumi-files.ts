import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { parseDocument } from "yaml";

/**
 * What the engine itself keeps in a stack's settings file (`Pulumi.<stack>.yaml`): how the stack's secrets are
 * encrypted.
 */
export const engineKeys = ["secretsprovider", "encryptedkey", "encryptionsalt"] as const;

/**
 * Checks that a stack has settings. The engine's own error for a name that does not exist is about a missing login.
 *
 * @param program Directory with `Pulumi.yaml`; settings lie in its `stacks/`.
 * @throws Error with the stacks that have settings, if this one has none.
 */
export async function expectSettingsFile(program: string, stack: string): Promise<void> {
  // The environment of a lab names a settings file of its own.
  if (process.env.PULUMI_OPTION_CONFIG_FILE) return;
  const files = await readdir(join(program, "stacks"));
  // The engine takes `organization/stack` for a stack too.
  const name = stack.split("/").at(-1);
  if (files.includes(`Pulumi.${name}.yaml`)) return;
  const stacks = files.flatMap((file) => /^Pulumi\.(.+)\.yaml$/.exec(file)?.[1] ?? []);
  throw new Error(
    `STACK=${stack}: there is no stacks/Pulumi.${name}.yaml, where the settings of that stack would be; choose one of ${stacks.sort().join(", ")}`,
  );
}

/**
 * The text of a program's project file (`Pulumi.yaml`) for a directory of its own, where a stack's settings lie beside
 * it instead of in `stackConfigDir`.
 */
export async function projectWithOwnSettings(program: string): Promise<string> {
  const project = parseDocument(await readFile(join(program, "Pulumi.yaml"), "utf8"));
  project.delete("stackConfigDir");
  return project.toString();
}
