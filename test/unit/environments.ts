import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";
import { parse } from "yaml";
import { type ReadSettings, readSettings, SettingsError } from "../../stacks/settings";
import { credentials } from "./backup-samples";
import { manifest } from "./calico-samples";
import { archiveKey, index, operatorKey } from "./key-samples";

// biome-ignore lint/suspicious/noExplicitAny: these tests write what an operator could write, right or wrong
export type Config = Record<string, any>;

/** A directory with every file that settings name. */
export const directory = mkdtempSync(join(tmpdir(), "kjerne-settings-"));
after(() => rmSync(directory, { recursive: true }));

const contents = {
  key: operatorKey.privateKey,
  "key.pub": `${operatorKey.publicKey} operator\n`,
  "supply.json": JSON.stringify({ suite: "test", ...index }),
  "apt.asc": archiveKey,
  "calico.yaml": manifest,
};
for (const [name, content] of Object.entries(contents)) writeFileSync(join(directory, name), content);

/** The settings of a committed environment by their keys, with the names of files that are there. */
export function config(environment: string): Config {
  const text = readFileSync(join(__dirname, `../../stacks/Pulumi.${environment}.yaml`), "utf8");
  const found: Config = Object.fromEntries(
    Object.entries(parse(text).config).map(([key, value]) => [key.replace("kjerne:", ""), value]),
  );
  found.ssh = { privateKeyFile: join(directory, "key"), publicKeyFile: join(directory, "key.pub") };
  found.supply.index = join(directory, "supply.json");
  found.supply.packages[0].signedByFile = join(directory, "apt.asc");
  found.network.calico.manifest = join(directory, "calico.yaml");
  found.network.calico.manifestSha256 = createHash("sha256").update(contents["calico.yaml"]).digest("hex");
  return found;
}

const everyPassword = { router: "hunter1", tor1: "hunter2", tor2: "hunter3" };

/** Reads a committed environment's settings after `change` edited them. Its routers have passwords unless it says so. */
export function read(
  environment: string,
  change: (config: Config) => void = () => {},
  passwords: Readonly<Record<string, string>> = everyPassword,
): Promise<ReadSettings> {
  const changed = config(environment);
  change(changed);
  return readSettings(changed, `stacks/Pulumi.${environment}.yaml`, { passwords, credentials });
}

/** What is wrong with the production example after `change` edited it. */
export async function problems(
  change: (config: Config) => void,
  passwords?: Readonly<Record<string, string>>,
): Promise<readonly string[]> {
  try {
    await read("oslo", change, passwords);
  } catch (error) {
    assert.ok(error instanceof SettingsError, String(error));
    return error.problems;
  }
  return [];
}
