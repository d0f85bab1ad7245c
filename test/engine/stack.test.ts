import assert from "node:assert/strict";
import { once } from "node:events";
import { existsSync, readdirSync } from "node:fs";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { ensureStack, runStack, type Stack, stackOutput } from "../../tools/stack";
import type { Input } from "./programs/commands";
import { makeStage } from "./stage";

const stage = makeStage("commands.ts");
const want = (input: Input) => stage.setInput(input);
const stack = (): Stack => ({
  name: "dev",
  directory: stage.directory,
  program: stage.directory,
  backend: stage.path("backend"),
  env: stage.env as Record<string, string>,
});
const up = (say: (line: string) => void = () => {}) => runStack(stack(), "up", ["--yes", "--skip-preview"], say);

test("runStack removes what pulumi and its providers leave in TMPDIR", async () => {
  await want({ local: { leaving: { create: "touch $TMPDIR/kubeconfig1; echo $TMPDIR" } } });
  await up();
  const { leaving } = (await stackOutput<Record<string, string>>(stack(), "localStdout")) ?? {};
  assert.ok(leaving?.startsWith(stage.path("tmp-")), leaving);
  assert.deepEqual(
    readdirSync(stage.directory).filter((name) => name.startsWith("tmp-")),
    [],
  );
});

test("the error of a failed runStack has pulumi's diagnostics and the path of its whole output", async () => {
  await want({ throws: "node cp1 has no address" });
  await assert.rejects(up(), (error: Error) => {
    assert.match(error.message, /^pulumi up failed; its whole output is in \S+\/up\.log\n\nDiagnostics:/);
    assert.match(error.message, /Error: node cp1 has no address/);
    return true;
  });
  assert.ok(existsSync(stage.path("up.log")));
});

test("runStack fails on a stack locked by a running up and ignores the lock of a killed up", async () => {
  const running = stage.path("running");
  await want({ local: { long: { create: `touch ${running}; sleep 60` } } });
  const first = stage.spawn("up", "--yes", "--skip-preview");
  try {
    const giveUp = Date.now() + 60_000;
    while (!existsSync(running)) {
      assert.ok(Date.now() < giveUp, "the command runs within 60 s");
      await pause(50);
    }
    await want({ local: { short: { create: "echo on" } } });
    await assert.rejects(up(), /the stack is currently locked by 1 lock/);
  } finally {
    first.kill("SIGKILL");
    await once(first, "close");
  }
  await up();
  assert.deepEqual(await stackOutput(stack(), "localStdout"), { short: "on" });
});

test("a run and an output are those of the named stack, whatever stack an operator has selected", async () => {
  await want({ local: { short: { create: "echo on" } } });
  await up();
  await ensureStack({ ...stack(), name: "selected" });
  assert.deepEqual(await stackOutput(stack(), "localStdout"), { short: "on" });
  await want({ local: { short: { create: "echo off" } } });
  await up();
  assert.deepEqual(await stackOutput(stack(), "localStdout"), { short: "off" });
});
