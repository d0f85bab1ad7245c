import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { commandLine, runner } from "../../components/machine/runner";
import { run } from "../../tools/run";
import type { Input } from "./programs/nodes";
import { makeStage } from "./stage";
import { makeWorkspace, type Workspace } from "./workspace";

const stage = makeStage("nodes.ts", { hasOwnVarLib: true });
/** The stack of somebody else, which uses the same machine. */
let other: Workspace;
before(async () => {
  other = await makeWorkspace("nodes.ts");
});
after(() => other.remove());

let count = 0;
/** A script on the machine that goes on until `open`, and what it noted. */
async function gatedScript() {
  const [log, gate] = [stage.path(`log${++count}`), stage.path(`gate${count}`)];
  const noted = async () => (existsSync(log) ? (await readFile(log, "utf8")).split("\n").slice(0, -1) : []);
  const script = { script: "../test/engine/programs/wait-for-gate.sh", secretStdin: JSON.stringify({ log, gate }) };
  for (const stack of [stage, other]) {
    await stack.setInput({ connection: stage.server.connection, script } satisfies Input);
  }
  return { log, noted, open: () => writeFile(gate, ""), begun: until(async () => (await noted()).length > 0) };
}

async function until(met: () => Promise<boolean> | boolean): Promise<void> {
  for (const deadline = Date.now() + 120_000; !(await met()); await pause(100)) {
    if (Date.now() > deadline) throw new Error(`not met within 120 s: ${met}`);
  }
}

/** Output of a process as it comes, and its end. */
function watch(child: ChildProcess) {
  const seen = { output: "", code: once(child, "close").then(([code]) => code as number | null) };
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on("data", (chunk) => {
      seen.output += chunk;
    });
  }
  return seen;
}

/** An `up` that was interrupted while its script runs, which goes on. */
async function interruptedUp() {
  const script = await gatedScript();
  const child = stage.spawn("up", "--yes", "--skip-preview");
  const interrupted = watch(child);
  await script.begun;
  child.kill("SIGINT");
  await until(() => /cancel/i.test(interrupted.output));
  return { script, child, interrupted };
}

const upOf = (stack: Workspace) => watch(stack.spawn("up", "--yes", "--skip-preview"));
const waits =
  /waits for \S+wait-for-gate\.sh (create|update), process \d+, since \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC, from 127\.0\.0\.1/;

test("of two ups at once, the second waits until the first one's script has ended, and says for what", async () => {
  const script = await gatedScript();
  const first = upOf(stage);
  await script.begun;
  const second = upOf(other);
  await until(() => waits.test(second.output));
  assert.deepEqual(await script.noted(), ["begin"]);
  await script.open();
  assert.deepEqual([await first.code, await second.code], [0, 0], first.output + second.output);
  assert.deepEqual(await script.noted(), ["begin", "end", "begin", "end"]);
});

test("a script goes on when the connection is cut, and the next up waits for its end", async () => {
  const script = await gatedScript();
  const first = upOf(stage);
  await script.begun;
  await stage.server.cut();
  assert.notEqual(await first.code, 0, first.output);
  const again = upOf(stage);
  await until(() => waits.test(again.output));
  assert.deepEqual(await script.noted(), ["begin"]);
  await script.open();
  assert.equal(await again.code, 0, again.output);
  assert.deepEqual(await script.noted(), ["begin", "end", "begin", "end"]);
});

test("an up that is interrupted waits for the end of the script that runs, and the state has what it printed", async () => {
  const { script, child, interrupted } = await interruptedUp();
  assert.deepEqual([child.exitCode, await script.noted()], [null, ["begin"]]);
  await script.open();
  await interrupted.code;
  assert.deepEqual(await script.noted(), ["begin", "end"]);
  const again = await stage.up();
  assert.deepEqual([again.code, again.steps], [0, []], again.output);
});

test("a script goes on when Pulumi is killed, and the next up waits for its end", async () => {
  const script = await gatedScript();
  const killed = stage.spawn("up", "--yes", "--skip-preview");
  await script.begun;
  const plugins = (await run("pgrep", ["--parent", String(killed.pid)])).split("\n").filter(Boolean).map(Number);
  killed.kill("SIGKILL");
  const second = upOf(other);
  await until(() => waits.test(second.output));
  await script.open();
  assert.equal(await second.code, 0, second.output);
  assert.deepEqual(await script.noted(), ["begin", "end", "begin", "end"]);
  await until(() => plugins.every((pid) => !existsSync(`/proc/${pid}`)));

  // The engine warns of what was cut off until it is told to forget it.
  const pending = async () => JSON.parse(await stage.state()).checkpoint.latest.pending_operations ?? [];
  assert.equal((await pending()).length, 1);
  const forget = ["refresh", "--yes", "--skip-preview", "--clear-pending-creates"];
  for (const args of [["cancel", "--yes"], ["up", "--yes", "--skip-preview"], forget]) {
    const { code, output } = await stage.pulumi(...args);
    assert.equal(code, 0, output);
  }
  assert.deepEqual(await pending(), []);
});

test("an up that is interrupted twice ends at once; its script goes on, and the next up waits for its end", async () => {
  const { script, child, interrupted } = await interruptedUp();
  child.kill("SIGINT");
  assert.notEqual(await interrupted.code, 0);
  assert.deepEqual(await script.noted(), ["begin"]);
  const { pending_operations: pending = [] } = JSON.parse(await stage.state()).checkpoint.latest;
  assert.deepEqual(
    pending.map(({ resource }: { resource: { urn: string } }) => resource.urn.split("::").at(-1)),
    ["script"],
  );
  const second = upOf(other);
  await until(() => waits.test(second.output));
  await script.open();
  assert.equal(await second.code, 0, second.output);
  assert.deepEqual(await script.noted(), ["begin", "end", "begin", "end"]);
  await stage.pulumi("cancel", "--yes");
});

/** Runs a script by ssh as the provider does, without Pulumi. */
async function byssh(script: string, options: { deadlineMinutes?: number; exclusive?: boolean } = {}, input = "") {
  const { host, port, user, privateKey } = stage.server.connection;
  const key = stage.path("key");
  await writeFile(key, privateKey, { mode: 0o600 });
  const sizes = [runner, script].map((text) => `r(${Buffer.byteLength(text)})`);
  const start = `import sys; r = sys.stdin.buffer.read; exec(${sizes[0]}); run(${sizes[1]}, r())`;
  const line = commandLine({ name: "wait-for-gate.sh", action: "create", start, ...options });
  const ssh = ["-i", key, "-p", String(port), "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null"];
  const child = spawn("ssh", [...ssh, "-o", "LogLevel=ERROR", `${user}@${host}`, line]);
  child.stdin.end(`${runner}${script}${input}`);
  return watch(child);
}
const gated = () => readFile(join(__dirname, "programs/wait-for-gate.sh"), "utf8");

test("a script keeps the machine when its runner is killed, and no longer than it lasts", async () => {
  const { log, begun, open, noted } = await gatedScript();
  const gate = log.replace("log", "gate");
  const first = await byssh(await gated(), {}, JSON.stringify({ log, gate }));
  await begun;
  process.kill(Number(await readFile(`${log}.runner`, "utf8")), "SIGKILL");
  assert.notEqual(await first.code, 0);
  const second = await byssh("echo second");
  await until(() => second.output.includes("waits for wait-for-gate.sh create"));
  await open();
  assert.equal(await second.code, 0, second.output);
  assert.match(second.output, /second/);
  assert.deepEqual(await noted(), ["begin", "end"]);
});

test("a run gives up when one script holds the machine for longer than its own deadline, and says what to do", async () => {
  const { log, begun, open } = await gatedScript();
  const first = await byssh(await gated(), {}, JSON.stringify({ log, gate: log.replace("log", "gate") }));
  await begun;
  const second = await byssh("echo second", { deadlineMinutes: 0.02 });
  assert.equal(await second.code, 1);
  assert.match(
    second.output,
    /for 0\.02 minutes this machine has been busy with wait-for-gate\.sh create, process \d+, .*; let it end, or end it: kill -- -PROCESS; then run again/,
  );
  assert.equal(
    await (await byssh("echo third", { exclusive: false })).code,
    0,
    "one that is not exclusive waits for none",
  );
  await open();
  assert.equal(await first.code, 0, first.output);
});

/** A script that starts a process with a session of its own, whose id it writes to a file. */
const daemon = (pid: string) =>
  `setsid sh -c 'echo $$ >${pid}; exec sleep 300' >/dev/null 2>&1 &\nuntil [ -s ${pid} ]; do sleep 0.1; done`;

test("a daemon that a script leaves behind keeps nobody waiting", async () => {
  const pid = stage.path("daemon");
  assert.equal(await (await byssh(daemon(pid))).code, 0);
  const second = await byssh("echo second");
  assert.equal(await second.code, 0);
  assert.equal(second.output, "second\n");
  process.kill(Number(await readFile(pid, "utf8")));
});
