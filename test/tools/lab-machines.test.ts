import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { chooseMachines, nodesIn } from "../../tools/lab/machines";
import { labFiles } from "../../tools/lab/plan";

let home: string;

before(async () => {
  home = await mkdtemp(join(tmpdir(), "kjerne-machines-"));
  process.env.XDG_STATE_HOME = home;
});
after(() => rm(home, { recursive: true }));

const names = async (lab: string, given: Record<string, string> = {}) =>
  nodesIn(await chooseMachines(lab, given)).map(({ name, isNative }) => `${name}${isNative ? "" : " emulated"}`);

test("a lab of which nothing is said has an emulated control plane and worker", async () => {
  assert.deepEqual(await names("usual"), ["cp1 emulated", "worker1 emulated"]);
});

test("a lab keeps what it was made of, and takes another number of workers", async () => {
  const made = ["cp1", "cp2", "cp3", "worker1", "worker2", "kvm1 emulated"];
  const given = { MACHINES: "native", CONTROL_PLANES: "3", WORKERS: "2", KVM_WORKERS: "1" };
  assert.deepEqual(await names("kept", given), made);
  assert.deepEqual(await names("kept"), made);
  assert.deepEqual(await names("kept", { WORKERS: "1" }), ["cp1", "cp2", "cp3", "worker1", "kvm1 emulated"]);
});

test("another kind of machines for an existing lab is refused with the way out", async () => {
  await names("native", { MACHINES: "native" });
  await assert.rejects(
    chooseMachines("native", { MACHINES: "emulated", CONTROL_PLANES: "3" }),
    /MACHINES=emulated: this lab was made with MACHINES=native.*CONTROL_PLANES=3: .*CONTROL_PLANES=1.*make lab-down LAB=native/,
  );
  assert.deepEqual(await names("native"), ["cp1", "worker1"]);
});

test("a lab that an older release made is emulated", async () => {
  const { state, index } = labFiles("old");
  await mkdir(state, { recursive: true });
  await writeFile(index, "3\n");
  await assert.rejects(chooseMachines("old", { MACHINES: "native" }), /this lab was made with MACHINES=emulated/);
  assert.deepEqual(await names("old"), ["cp1 emulated", "worker1 emulated"]);
});

test("machines that don't go together are refused, and nothing is kept", async () => {
  await assert.rejects(chooseMachines("new", { WORKERS: "2" }), /emulated nodes are one control plane and one worker/);
  await assert.rejects(chooseMachines("new", { MACHINES: "native", WORKERS: "0" }), /a cluster needs a worker/);
  assert.ok(!existsSync(labFiles("new").state));
});
