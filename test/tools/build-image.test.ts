import assert from "node:assert/strict";
import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { run } from "../../tools/run";

const script = join(__dirname, "../../node-config/hypervisor/build-image.sh");

let directory: string;
before(async () => {
  directory = await mkdtemp(join(tmpdir(), "kjerne-build-image-"));
  await mkdir(join(directory, "bin"));
  await mkdir(join(directory, "images"));
});
after(() => rm(directory, { recursive: true }));

/** Builds an image with a program in the place of mmdebstrap. */
async function build(mmdebstrap: string): Promise<string> {
  const program = join(directory, "bin/mmdebstrap");
  await writeFile(program, `#!/usr/bin/env bash\n${mmdebstrap}\n`);
  await chmod(program, 0o755);
  const path = join(directory, "images/bookworm-1");
  const recipe = { path, debian: "bookworm", sources: "", packages: ["jq"], images: {}, mirrors: [], files: {} };
  const PATH = `${join(directory, "bin")}:${process.env.PATH}`;
  return run("bash", [script], { env: { PATH }, input: JSON.stringify(recipe) });
}

const left = async () => (await readdir(join(directory, "images"))).filter((name) => name !== ".lock");

test("a build that fails, as on a full disk, keeps no space, and neither does a killed build of another image", async () => {
  await mkdir(join(directory, "images/bookworm-0.unfinished/root"), { recursive: true });
  await mkdir(join(directory, "images/bookworm-9"));
  const full = `mkdir -p ${directory}/images/bookworm-1.unfinished/root; echo "No space left on device" >&2; exit 25`;
  await assert.rejects(build(full), /No space left on device/);
  assert.deepEqual(await left(), ["bookworm-9"]);
});

test("a build that is asked to end removes what it has written", async () => {
  await assert.rejects(build('kill -TERM "$PPID"; sleep 0.1; exit 1'));
  assert.deepEqual(await left(), ["bookworm-9"]);
});
