import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { ContinuousVerification } from "../../components/cluster/continuous-verification";
import { onNodeProgram } from "../../components/watch/on-node-program";
import * as samples from "./cluster-samples";
import { areFiles, isSecret, node, registered, runs, settled } from "./registered";
import { wanted } from "./verify/healthy";

const controlPlanes = [samples.cp1, { name: "cp2", address: "10.20.0.12" }].map(node);
const nodes = [...controlPlanes, node(samples.worker1)].map((one) => ({ node: one, port: 22 }));

async function filesOf(name: string): Promise<unknown> {
  const found = registered.find((one) => areFiles(one) && one.name === name);
  return found?.inputs.files;
}

test("control planes get the private key as a secret; other nodes get the public one, and nothing of the cluster", async () => {
  new ContinuousVerification("oslo-again", { wanted, everyMinutes: 15, nodes, controlPlanes });
  await settled();
  const names = registered.filter(runs).map(({ name }) => name);
  assert.deepEqual(names.sort(), ["cp1-look", "cp1-verify", "cp2-look", "cp2-verify", "worker1-look"]);
  for (const name of ["cp1-verify", "cp2-verify"]) {
    const files = await filesOf(name);
    assert.ok(isSecret(files), name);
    assert.match(JSON.stringify(files), /BEGIN OPENSSH PRIVATE KEY/);
  }
  const look = await filesOf("worker1-look");
  assert.ok(!isSecret(look));
  assert.match(JSON.stringify(look), /restrict,from=.*10\.20\.0\.11,10\.20\.0\.12.*ssh-ed25519 /);
  assert.doesNotMatch(JSON.stringify(look), /PRIVATE KEY|"everyMinutes"/);
});

test("the program for control planes runs without the package, and says what it lacks where there is nothing", () => {
  const { status, stderr } = spawnSync(process.execPath, ["-"], { cwd: "/", input: onNodeProgram(), encoding: "utf8" });
  assert.equal(status, 1);
  assert.match(stderr, /no such file.*\/etc\/kjerne\/verification\/settings\.json/);
  assert.doesNotMatch(stderr, /Cannot find module/);
});
