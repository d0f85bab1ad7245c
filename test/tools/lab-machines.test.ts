import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { chooseMachines, keepMachines, nodesIn } from "../../tools/lab/machines";
import { labFiles } from "../../tools/lab/plan";

let home: string;

before(async () => {
  home = await mkdtemp(join(tmpdir(), "kjerne-machines-"));
  process.env.XDG_STATE_HOME = home;
});
after(() => rm(home, { recursive: true }));

const choose = (lab: string, given: Record<string, string>, fastest: "native" | "virtual" = "virtual") =>
  chooseMachines(lab, given, async () => fastest);

async function names(lab: string, given: Record<string, string> = {}, fastest: "native" | "virtual" = "virtual") {
  const machines = await choose(lab, given, fastest);
  await keepMachines(lab, machines);
  return nodesIn(machines).map(({ name, isNative }) => `${name}${isNative ? "" : " virtual"}`);
}

test("a lab of which nothing is said is of the kind that is fastest here, and stays so", async () => {
  assert.deepEqual(await names("slow", {}, "native"), ["cp1", "worker1"]);
  assert.deepEqual(await names("fast", {}, "virtual"), ["cp1 virtual", "worker1 virtual"]);
  assert.deepEqual(await names("fast", {}, "native"), ["cp1 virtual", "worker1 virtual"]);
});

test("whoever wants several nodes gets native ones", async () => {
  assert.deepEqual(await names("many", { WORKERS: "2" }), ["cp1", "worker1", "worker2"]);
});

test("a lab keeps what it was made of, and takes another number of workers", async () => {
  const made = ["cp1", "cp2", "cp3", "kvm1 virtual", "worker1", "worker2"];
  const given = { MACHINES: "native", CONTROL_PLANES: "3", WORKERS: "2", KVM_WORKERS: "1" };
  assert.deepEqual(await names("kept", given), made);
  assert.deepEqual(await names("kept"), made);
  assert.deepEqual(await names("kept", { WORKERS: "1" }), ["cp1", "cp2", "cp3", "kvm1 virtual", "worker1"]);
});

test("a lab has a fabric from the start or not at all, and one of an older release has none", async () => {
  const { state, machines } = labFiles("before");
  await mkdir(state, { recursive: true });
  const { fabric: _, ...before } = await choose("with", { FABRIC: "yes" });
  await writeFile(machines, JSON.stringify(before));
  assert.equal((await choose("before", {})).fabric, "no");
  await assert.rejects(choose("before", { FABRIC: "yes" }), /FABRIC=yes: this lab was made with FABRIC=no/);
});

test("another kind of machines for an existing lab is refused with the way out", async () => {
  await names("native", { MACHINES: "native" });
  await assert.rejects(
    choose("native", { MACHINES: "virtual", CONTROL_PLANES: "3" }),
    /MACHINES=virtual: this lab was made with MACHINES=native.*CONTROL_PLANES=3: .*CONTROL_PLANES=1.*make lab-down LAB=native/,
  );
  assert.deepEqual(await names("native"), ["cp1", "worker1"]);
});

test("a lab that an older release made has virtual machines", async () => {
  const { state, index } = labFiles("old");
  await mkdir(state, { recursive: true });
  await writeFile(index, "3\n");
  await assert.rejects(choose("old", { MACHINES: "native" }), /this lab was made with MACHINES=virtual/);
  assert.deepEqual(await names("old"), ["cp1 virtual", "worker1 virtual"]);
});

test("machines that don't go together are refused, and nothing is kept", async () => {
  await assert.rejects(
    choose("new", { MACHINES: "virtual", WORKERS: "2" }),
    /virtual machines are one control plane and at most one worker/,
  );
  await assert.rejects(
    choose("new", { MACHINES: "virtual", FABRIC: "yes" }),
    /virtual machines have no second card; FABRIC=yes needs MACHINES=native/,
  );
  assert.ok(!existsSync(labFiles("new").state));
});
