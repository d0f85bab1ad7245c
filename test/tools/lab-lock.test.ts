import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { test } from "node:test";
import { aloneOnLab } from "../../tools/lab/lock";

const lab = `test-${process.pid}`;
const work = async () => "worked";

/** Starts another process that works on the lab. */
async function other() {
  const child = spawn(process.execPath, ["--import", "tsx", join(__dirname, "lab/hold.ts"), lab], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  await once(child.stdout, "data");
  return child;
}

test("a locked lab is refused with the command and process that work on it, and another lab is free", async () => {
  const holder = await other();
  try {
    const refusal = new RegExp(`^Error: lab ${lab} is being worked on \\(make lab, process ${holder.pid}, since 20`);
    await assert.rejects(aloneOnLab(lab, "make lab", work), refusal);
    assert.equal(await aloneOnLab(`${lab}-two`, "make lab", work), "worked");
  } finally {
    holder.stdin.end();
    await once(holder, "close");
  }
  assert.equal(await aloneOnLab(lab, "make lab", work), "worked");
});

test("a killed process no longer locks its lab", async () => {
  const holder = await other();
  holder.kill("SIGKILL");
  await once(holder, "close");
  assert.equal(await aloneOnLab(lab, "make lab", work), "worked");
});

test("work that fails unlocks the lab", async () => {
  const failing = async () => {
    throw new Error("no space");
  };
  await assert.rejects(aloneOnLab(lab, "make lab", failing), /no space/);
  assert.equal(await aloneOnLab(lab, "make lab-down", work), "worked");
});
