import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";
import { sentScript } from "../../components/verify/send";
import type { Answers } from "../unit/verify/healthy";

/** The scripts run as they are sent to a node, on this machine. Its only program of a node is a kubectl made here. */
const directory = mkdtempSync(join(tmpdir(), "kjerne-observe-"));
const at = (name: string) => join(directory, name);

for (const name of ["bin", "tmp"]) mkdirSync(at(name));
after(() => rmSync(directory, { recursive: true }));

/** Answers of a script, by the names of what it asks. */
export async function run(script: string, input: object): Promise<Answers> {
  const env = { ...process.env, PATH: `${at("bin")}:${process.env.PATH}`, TMPDIR: at("tmp") };
  const argv = ["-c", await sentScript(script), script];
  const { status, stdout, stderr } = spawnSync("bash", argv, { env, input: JSON.stringify(input), encoding: "utf8" });
  assert.equal(status, 0, stderr);
  assert.deepEqual(readdirSync(at("tmp")), [], "it left files");
  return JSON.parse(stdout);
}

/** Makes the kubectl of a node, in bash. */
export const kubectl = (body: string) => writeFileSync(at("bin/kubectl"), `#!/bin/bash\n${body}\n`, { mode: 0o755 });
