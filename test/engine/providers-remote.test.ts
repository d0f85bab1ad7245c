import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { test } from "node:test";
import type { Input } from "./programs/commands";
import { makeStage } from "./stage";
import type { Run } from "./workspace";

const stage = makeStage("commands.ts");
const { path, read } = stage;

/** The steps of a run that concern one resource. */
const stepsOf = (run: Run, name: string) => run.steps.filter((step) => step.endsWith(` ${name}`));
const want = (remote: Input["remote"]) => stage.setInput({ remote } satisfies Input);

test("a remote command with a secret on stdin runs once, and again when an input changes", async () => {
  const write = (name: string) => ({
    received: {
      args: { connection: stage.server.connection, create: `cat > ${path(name)}; echo wrote ${name}` },
      secretStdin: "Open, Sesame",
    },
  });

  await want(write("first"));
  const first = await stage.up();
  assert.deepEqual(first.steps, ["create received"], first.output);
  assert.equal(await read("first"), "Open, Sesame");
  assert.match(first.output, /received: "wrote first"/);
  const afterCreate = await stage.state();

  const second = await stage.up();
  assert.deepEqual(second.steps, [], second.output);

  await want(write("other"));
  const third = await stage.up();
  assert.deepEqual(third.steps, ["update received"], third.output);
  assert.equal(await read("other"), "Open, Sesame");

  const exported = await stage.pulumi("stack", "export");
  assert.match(exported.output, /cat > /);
  for (const text of [first.output, third.output, exported.output, afterCreate, await stage.state()]) {
    assert.ok(!text.includes("Sesame"), "the secret is nowhere in plain text");
    assert.ok(!text.includes("BEGIN OPENSSH PRIVATE KEY"), "nor is the private key");
  }
});

test("additionalSecretOutputs makes a command's output secret, and logging none keeps it out of the log", async () => {
  await want({
    token: {
      args: { connection: stage.server.connection, create: "echo abra; echo cadabra >&2", logging: "none" },
      options: { additionalSecretOutputs: ["stdout", "stderr"] },
    },
  });
  const { output, code } = await stage.up();
  assert.equal(code, 0, output);
  assert.match(output, /token *: \[secret\]/);
  assert.ok(!/abra/.test(output.replace(/create: .*/g, "")), output);
  const printed = (await stage.state()).replaceAll("echo abra; echo cadabra", "");
  assert.ok(!printed.includes("abra"), "neither stdout nor stderr is in the state in plain text");
});

test("a preview runs no remote command", async () => {
  await want({ touched: { args: { connection: stage.server.connection, create: `touch ${path("touched")}` } } });
  const { output, code } = await stage.pulumi("preview");
  assert.equal(code, 0, output);
  assert.match(output, /touched create/);
  assert.ok(!existsSync(path("touched")));
});

test("a changed input runs update, a changed trigger replaces, and removing a command runs delete", async () => {
  const log = (word: string) => `echo ${word} >> ${path("log")}`;
  const logged = (stdin: string, triggers: string[]) => ({
    logged: {
      args: {
        connection: stage.server.connection,
        create: log("create"),
        update: log("update"),
        delete: log("delete"),
        stdin,
        triggers,
      },
    },
  });
  await want(logged("a", ["1"]));
  await stage.up();
  await want(logged("b", ["1"]));
  assert.deepEqual(stepsOf(await stage.up(), "logged"), ["update logged"]);
  await want(logged("b", ["2"]));
  assert.deepEqual(stepsOf(await stage.up(), "logged"), [
    "create-replacement logged",
    "replace logged",
    "delete-replaced logged",
  ]);
  await want(logged("b", []));
  assert.equal(stepsOf(await stage.up(), "logged")[0], "create-replacement logged");
  assert.equal((await stage.destroy()).code, 0);
  assert.deepEqual((await read("log")).trim().split("\n"), [
    ...["create", "update"],
    ...["create", "delete"], // a changed trigger
    ...["create", "delete"], // a removed trigger
    "delete",
  ]);
});

test("update gets the previous output in its environment unless addPreviousOutputInEnv is false", async () => {
  const previous = (create: string, addPreviousOutputInEnv: boolean) =>
    want({ previous: { args: { connection: stage.server.connection, create, addPreviousOutputInEnv } } });
  await previous("echo one", true);
  await stage.up();
  await previous("echo two after $PULUMI_COMMAND_STDOUT", true);
  assert.match((await stage.up()).output, /previous: .*"two after one"/);
  await previous("echo three after $PULUMI_COMMAND_STDOUT", false);
  assert.match((await stage.up()).output, /previous: .*"three after/);
});

test("a failed remote command is an error with its exit status and output, and runs again in the next up", async () => {
  await want({
    failing: { args: { connection: stage.server.connection, create: `echo broken >&2; test -e ${path("mended")}` } },
  });
  const failed = await stage.up();
  assert.notEqual(failed.code, 0);
  assert.match(failed.output, /Process exited with status 1: running "echo broken >&2; test -e [^"]*":\n\s*broken/);
  await want({ failing: { args: { connection: stage.server.connection, create: `touch ${path("mended")}` } } });
  assert.deepEqual(stepsOf(await stage.up(), "failing"), ["create failing"]);
});

test("many remote commands run at once, one of them with megabytes of input and output", async () => {
  const stdin = "kjerne ".repeat(500_000);
  const create = "sleep 1; date +%s; wc -c >&2";
  const many = Array.from({ length: 20 }, (_, index) => [
    `many${index}`,
    { args: { connection: stage.server.connection, create } },
  ]);
  const echo = {
    args: { connection: stage.server.connection, create: "tee /dev/stderr", stdin, logging: "none" as const },
  };
  await want({ ...Object.fromEntries(many), echo });
  const { code, output } = await stage.up("--suppress-outputs");
  assert.equal(code, 0, output);
  assert.doesNotMatch(output, /MaxListenersExceededWarning/);
  const { deployment } = JSON.parse((await stage.pulumi("stack", "export")).output);
  const outputs = deployment.resources.find((resource: { urn: string }) => resource.urn.endsWith("::echo")).outputs;
  assert.equal(outputs.stdout, stdin);
  assert.equal(outputs.stderr, stdin);
});
