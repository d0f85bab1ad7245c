import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseDocument } from "yaml";
import type { Stack } from "../../tools/stack";

// biome-ignore lint/suspicious/noExplicitAny: these tests write what an operator could write
type Config = Record<string, any>;

/** Changes the settings of a stack in its file, as an operator does. */
export async function changeSettings(stack: Stack, change: (config: Config) => void): Promise<void> {
  const file = join(stack.directory, `Pulumi.${stack.name}.yaml`);
  const document = parseDocument(await readFile(file, "utf8"));
  const config = document.toJS().config as Config;
  change(config);
  document.set("config", config);
  await writeFile(file, document.toString({ lineWidth: 0 }));
}

/** A node of these settings by its name. */
export function nodeIn(config: Config, name: string): Config {
  const node = config["kjerne:nodes"].find((one: Config) => one.name === name);
  if (!node) throw new Error(`the settings have no node ${name}`);
  return node;
}
