import assert from "node:assert/strict";
import { chmod, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import type { Input } from "./programs/nodes";
import { makeStage } from "./stage";

const stage = makeStage("nodes.ts", { hasOwnVarLib: true });
const path = (name: string) => stage.path(join("node", name));
const read = (name: string) => stage.read(join("node", name));
const want = (input: Omit<Input, "connection">) =>
  stage.setInput({ connection: stage.server.connection, watched: true, ...input } satisfies Input);

const one = () => ({ [path("etc/one.conf")]: { content: "a = 1\nb = 2\n", mode: "0644" } });
const two = () => ({ [path("etc/two.conf")]: { content: "key\n", mode: "0600" } });
const onChange = () => [{ paths: [path("etc/one.conf")], command: `echo restarted >> ${path("restarts")}` }];

test("a refresh of a machine that nobody changed finds nothing", async () => {
  await want({ files: { ...one(), ...two() }, onChange: onChange() });
  const first = await stage.up();
  assert.equal(first.code, 0, first.output);
  const refreshed = await stage.pulumi("refresh", "--yes", "--skip-preview", "--expect-no-changes");
  assert.equal(refreshed.code, 0, refreshed.output);
  assert.deepEqual((await stage.up()).steps, []);
});

test("a refresh shows what somebody changed by hand, and the next up puts back that and nothing else", async () => {
  await writeFile(path("etc/one.conf"), "a = 1\nb = 3\n");
  await chmod(path("etc/two.conf"), 0o666);
  const refreshed = await stage.pulumi("refresh", "--yes", "--skip-preview", "--diff");
  assert.equal(refreshed.code, 0, refreshed.output);
  assert.match(refreshed.output, /one\.conf[\s\S]*found[\s\S]*line 2: b = 3[\s\S]*wanted[\s\S]*line 2: b = 2/);
  assert.match(refreshed.output, /two\.conf[\s\S]*mode 0666/);
  assert.equal(await read("etc/one.conf"), "a = 1\nb = 3\n");

  const up = await stage.up();
  assert.equal(up.code, 0, up.output);
  assert.deepEqual(up.steps, ["update machine"]);
  assert.equal(await read("etc/one.conf"), "a = 1\nb = 2\n");
  assert.equal(await read("restarts"), "restarted\nrestarted\n");
  const after = await stage.pulumi("preview", "--refresh", "--expect-no-changes");
  assert.equal(after.code, 0, after.output);
});

test("a file that somebody removed is back after one up --refresh", async () => {
  await rm(path("etc/one.conf"));
  const up = await stage.up("--refresh");
  assert.equal(up.code, 0, up.output);
  assert.equal(await read("etc/one.conf"), "a = 1\nb = 2\n");
});

test("other settings at the same time are written once, and what somebody changed does not stay", async () => {
  await writeFile(path("etc/one.conf"), "mine\n");
  await want({
    files: { [path("etc/one.conf")]: { content: "a = 5\n", mode: "0644" }, ...two() },
    onChange: onChange(),
  });
  const up = await stage.up("--refresh");
  assert.equal(up.code, 0, up.output);
  assert.equal(await read("etc/one.conf"), "a = 5\n");
  const again = await stage.up("--refresh", "--expect-no-changes");
  assert.equal(again.code, 0, again.output);
});

test("the private key is a secret in the state, before and after a refresh", async () => {
  const key = stage.server.connection.privateKey.trim().split("\n")[1] as string;
  assert.ok(!(await stage.state()).includes(key));
});
