import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readlink, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { after, before, test } from "node:test";
import { ensureEngine, linkPlugins } from "../../tools/engine/engine";
import { describePieces, findPieces } from "../../tools/engine/pieces";

const { PATH, PULUMI_HOME } = process.env;
let directory: string;
let otherPrograms: string;

before(async () => {
  directory = await mkdtemp(join(tmpdir(), "kjerne-choice-"));
  // Whether Pulumi is installed on this machine makes no difference: its programs are not among these.
  otherPrograms = join(directory, "programs");
  await mkdir(otherPrograms);
  for (const name of ["sh", "mkdir", "dirname", "rm", "cp", "node", "go"]) {
    const places = (PATH ?? "").split(delimiter).map((place) => join(place, name));
    const program = places.find((place) => existsSync(place));
    if (program) await symlink(program, join(otherPrograms, name));
  }
  process.env.PATH = [directory, otherPrograms].join(delimiter);
  process.env.PULUMI_HOME = join(directory, "home");
});

after(async () => {
  Object.assign(process.env, { PATH });
  if (PULUMI_HOME === undefined) delete process.env.PULUMI_HOME;
  else process.env.PULUMI_HOME = PULUMI_HOME;
  await rm(directory, { recursive: true, force: true });
});

/** An executable in place of an official one. @default - it does nothing */
async function install(path: string, script = "exit 0"): Promise<string> {
  const file = join(directory, path);
  await mkdir(join(file, ".."), { recursive: true });
  await writeFile(file, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  return file;
}

test("official programs are used where installed, stand-ins elsewhere, and each choice is printed", async () => {
  const pulumi = await install(
    "pulumi",
    "echo 'error: in several lines' >&2; echo 'no route to get.pulumi.com' >&2; exit 1",
  );
  const languageHost = await install("pulumi-language-nodejs");
  const command = await install("home/plugins/resource-command-v1.2.1/pulumi-resource-command");
  const lines: string[] = [];
  const engine = await ensureEngine((line) => lines.push(line));

  assert.deepEqual(lines.slice(0, 4), [
    `pulumi: official, ${pulumi}`,
    `language host: official, ${languageHost}`,
    `command provider: official, ${command}`,
    "random provider: not official, kjerne's stand-in, since the official one could not be downloaded: no route to get.pulumi.com",
  ]);
  assert.match(
    String(lines[4]),
    /^kubernetes provider: not official, built here from Go modules.*not be downloaded: no route/,
  );
  assert.equal(describePieces(engine.pieces), "not official: random provider, kubernetes provider");
  assert.deepEqual(
    engine.pieces.map(({ official }) => official),
    [true, true, true, false, false],
  );
  assert.ok(!existsSync(join(engine.binDirectory, "pulumi")), "the official CLI stays the one on PATH");

  const home = join(directory, "another-home");
  await linkPlugins(engine, home);
  assert.equal(await readlink(join(home, "plugins/resource-command-v1.2.1/pulumi-resource-command")), command);
});

test("a stand-in linked into PULUMI_HOME earlier does not keep the CLI from downloading the official provider", async () => {
  const own = (await ensureEngine(() => {})).plugins.filter(({ official }) => !official);
  await linkPlugins({ plugins: own }, join(directory, "home"));
  // Like Pulumi's: `plugin install resource NAME VERSION`; a plugin that is there is downloaded again only if told so.
  const plugin = `${directory}/home/plugins/resource-$4-v$5/pulumi-resource-$4`;
  const download = `mkdir -p $(dirname ${plugin}); rm -f ${plugin}; cp ${directory}/pulumi ${plugin}`;
  await install("pulumi", `[ -e ${plugin} ] && [ "$6" != --reinstall ] && exit 0\n${download}`);
  const pieces = await findPieces();
  assert.deepEqual(
    pieces.filter(({ official }) => !official),
    [],
  );
});

test("a program that kjerne itself put on PATH does not count as official", async () => {
  await rm(join(directory, "pulumi"));
  await rm(join(directory, "pulumi-language-nodejs"));
  const first = await ensureEngine(() => {});
  process.env.PATH = [first.binDirectory, otherPrograms].join(delimiter);
  const second = await ensureEngine(() => {});
  assert.equal(second.binDirectory, first.binDirectory);
  assert.ok(existsSync(join(second.binDirectory, "pulumi")));
});
