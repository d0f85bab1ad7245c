import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readlink, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { after, before, test } from "node:test";
import { ensureEngine, linkPlugins } from "../../tools/engine/engine";

const { PATH, PULUMI_HOME } = process.env;
let directory: string;

before(async () => {
  directory = await mkdtemp(join(tmpdir(), "kjerne-choice-"));
  process.env.PATH = [directory, PATH].join(delimiter);
  process.env.PULUMI_HOME = join(directory, "home");
});

after(async () => {
  Object.assign(process.env, { PATH });
  if (PULUMI_HOME === undefined) delete process.env.PULUMI_HOME;
  else process.env.PULUMI_HOME = PULUMI_HOME;
  await rm(directory, { recursive: true, force: true });
});

/** Installs an executable that only exits: with 1 it is a pulumi that cannot download plugins. */
async function install(path: string, exitCode = 0): Promise<string> {
  const file = join(directory, path);
  await mkdir(join(file, ".."), { recursive: true });
  await writeFile(file, `#!/bin/sh\nexit ${exitCode}\n`, { mode: 0o755 });
  return file;
}

test("official programs are used where installed, stand-ins elsewhere, and each choice is printed", async () => {
  const pulumi = await install("pulumi", 1);
  const languageHost = await install("pulumi-language-nodejs");
  const command = await install("home/plugins/resource-command-v1.2.1/pulumi-resource-command");
  const lines: string[] = [];
  const engine = await ensureEngine((line) => lines.push(line));

  assert.ok(lines.includes(`pulumi: ${pulumi}`), lines.join("\n"));
  assert.ok(lines.includes(`language host: ${languageHost}`));
  assert.ok(lines.includes(`command provider: ${command}`));
  assert.ok(lines.includes("random provider: stand-in"));
  assert.ok(!existsSync(join(engine.binDirectory, "pulumi")), "the official CLI stays the one on PATH");

  const home = join(directory, "another-home");
  await linkPlugins(engine, home);
  assert.equal(await readlink(join(home, "plugins/resource-command-v1.2.1/pulumi-resource-command")), command);
});

test("a program that kjerne itself put on PATH does not count as official", async () => {
  await rm(join(directory, "pulumi"));
  await rm(join(directory, "pulumi-language-nodejs"));
  const first = await ensureEngine(() => {});
  process.env.PATH = [first.binDirectory, PATH].join(delimiter);
  const second = await ensureEngine(() => {});
  assert.equal(second.binDirectory, first.binDirectory);
  assert.ok(existsSync(join(second.binDirectory, "pulumi")));
});
