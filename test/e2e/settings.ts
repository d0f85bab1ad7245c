import { cp, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseDocument } from "yaml";
import { ensureSecret, ensureStack, type Stack } from "../../tools/stack";

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

/** Another stack beside the first one, with its settings but for `change`. */
export async function secondStack(first: Stack, change: (config: Config) => void): Promise<Stack> {
  const name = "other";
  const directory = join(first.directory, name);
  const file = join(directory, `Pulumi.${name}.yaml`);
  await mkdir(directory, { recursive: true });
  await cp(join(first.directory, `Pulumi.${first.name}.yaml`), file);
  await cp(join(first.directory, "Pulumi.yaml"), join(directory, "Pulumi.yaml"));
  const second = { ...first, name, directory, env: { ...first.env, PULUMI_OPTION_CONFIG_FILE: file } };
  await changeSettings(second, change);
  await ensureStack(second);
  await ensureSecret(second, "kjerne:bgpPasswords.router", "of-another-stack");
  return second;
}
