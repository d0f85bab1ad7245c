import assert from "node:assert/strict";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import type { Input } from "./programs/commands";
import { makeStage } from "./stage";

const stage = makeStage("commands.ts");

test("killing the pulumi CLI ends every process that it started, where the stand-ins serve", async (t) => {
  if (stage.skipIfOfficial(t, "command provider", "outlives the CLI")) return;
  if (stage.skipIfOfficial(t, "language host", "outlives the CLI by minutes")) return;
  const [running, localRunning] = [stage.path("running"), stage.path("local")];
  const whileThere = (file: string) => `touch ${file}; while test -e ${file}; do sleep 0.2; done`;
  await stage.setInput({
    remote: { long: { args: { connection: stage.server.connection, create: whileThere(running) } } },
    local: { long: { create: whileThere(localRunning) } },
  } satisfies Input);
  const cli = stage.spawn("up", "--yes", "--skip-preview");
  await until("both commands run", () => existsSync(running) && existsSync(localRunning));
  const started = descendants(Number(cli.pid));
  for (const name of ["pulumi-language-nodejs", "cmd/run", "pulumi-resource-command", "while test -e"]) {
    assert.ok(
      started.some((pid) => commandLine(pid).includes(name)),
      `${name} runs`,
    );
  }

  cli.kill("SIGKILL");
  await once(cli, "close");
  await until("all of them are gone", () => started.every((pid) => !isRunning(pid)));
  await rm(running); // Ends the remote command: killing the CLI does not end it.
  await stage.pulumi("cancel", "--yes");
});

/** A remote command, named like its file, that runs until the file is removed, and counts its runs. */
function untilRemoved(name: string): Input {
  const file = stage.path(name);
  const create = `echo run >> ${file}.runs; touch ${file}; while test -e ${file}; do sleep 0.2; done; echo ended`;
  return { remote: { [name]: { args: { connection: stage.server.connection, create } } } };
}

test("an interrupted up waits for the running command and keeps its result; the next up does not run it again", async (t) => {
  const running = stage.path("interrupted");
  await stage.setInput(untilRemoved("interrupted"));
  const { cli, said } = startUp(t);
  const closed = once(cli, "close");
  await until("the command runs", () => existsSync(running));
  cli.kill("SIGINT");
  await until("the CLI has seen the interrupt", () => /received; cancelling/i.test(said()));
  await rm(running);
  await closed;

  const { code, steps, output } = await stage.up();
  assert.equal(code, 0, output);
  assert.deepEqual(steps, [], "the state has it");
  assert.equal(await stage.read("interrupted.runs"), "run\n");
});

test("an up that is interrupted twice ends at once, and the state names the command that may still run", async (t) => {
  const running = stage.path("twice");
  await stage.setInput(untilRemoved("twice"));
  const { cli, said } = startUp(t);
  const closed = once(cli, "close");
  await until("the command runs", () => existsSync(running));
  cli.kill("SIGINT");
  await until("the CLI has seen the interrupt", () => /received; cancelling/i.test(said()));
  cli.kill("SIGINT");
  await closed;
  assert.ok(existsSync(running), "it went on");

  await rm(running);
  const { deployment } = JSON.parse((await stage.pulumi("stack", "export")).output);
  const pending: { type: string; resource: { urn: string } }[] = deployment.pending_operations ?? [];
  assert.ok(
    pending.some(({ type, resource }) => type === "creating" && resource.urn.endsWith("::twice")),
    JSON.stringify(pending),
  );
});

/** Starts an `up`, which says so far what `said` returns. A test that fails leaves nothing of it. */
function startUp(t: TestContext) {
  const cli = stage.spawn("up", "--yes", "--skip-preview");
  t.after(async () => {
    if (!cli.kill("SIGKILL")) return;
    await once(cli, "close");
    await stage.pulumi("cancel", "--yes");
  });
  let output = "";
  for (const stream of [cli.stdout, cli.stderr]) {
    stream?.on("data", (chunk) => {
      output += chunk;
    });
  }
  return { cli, said: () => output };
}

test("an error that the program throws is shown to the user with its source line", async () => {
  await stage.setInput({ throws: "node cp1 has no address" } satisfies Input);
  const { code, output } = await stage.up();
  assert.notEqual(code, 0);
  assert.match(output, /failed with an unhandled exception/);
  assert.match(output, /Error: node cp1 has no address/);
  assert.match(output, /commands\.ts:\d+/);
});

test("a syntax error in what the program reads is shown to the user", async () => {
  await writeFile(stage.path("input.json"), "{ this is no JSON");
  const { code, output } = await stage.up();
  assert.notEqual(code, 0);
  assert.match(output, /SyntaxError/);
});

test("a policy pack fails the preview of a resource that it forbids and passes any other", async () => {
  const pack = join(__dirname, "programs/policy-pack");
  await stage.setInput({ local: { clean: { create: "rm -rf ./nothing" } } } satisfies Input);
  const forbidden = await stage.pulumi("preview", "--policy-pack", pack);
  assert.notEqual(forbidden.code, 0);
  assert.match(forbidden.output, /no-rm.*create is "rm -rf \.\/nothing"/s);

  await stage.setInput({ local: { clean: { create: "true" } } } satisfies Input);
  const allowed = await stage.pulumi("preview", "--policy-pack", pack);
  assert.equal(allowed.code, 0, allowed.output);
});

async function until(what: string, isTrue: () => boolean): Promise<void> {
  const giveUp = Date.now() + 180_000;
  while (!isTrue()) {
    if (Date.now() > giveUp) throw new Error(`not within 180 s: ${what}`);
    await pause(50);
  }
}

/** Every process that descends from a process. */
function descendants(pid: number): number[] {
  const children = processes().filter((candidate) => parent(candidate) === pid);
  return children.flatMap((child) => [child, ...descendants(child)]);
}

const processes = () =>
  readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number);

/** Fields of /proc/<pid>/stat after the name, which may hold anything: state, parent, … */
function statOf(pid: number): string[] {
  return existsSync(`/proc/${pid}/stat`)
    ? (readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1) ?? "").split(" ")
    : [];
}

const parent = (pid: number) => Number(statOf(pid)[1]);
const isRunning = (pid: number) => ![undefined, "Z", "X"].includes(statOf(pid)[0]);
const commandLine = (pid: number) => readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
