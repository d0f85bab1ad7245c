import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { test } from "node:test";
import type { Input } from "./programs/commands";
import { makeStage } from "./stage";

const stage = makeStage("commands.ts");
const { path } = stage;
const want = (input: unknown) => stage.setInput(input as Input);

const isRefused = (token: string) => new RegExp(`${token} is not served by kjerne's stand-in.*install Pulumi`, "s");

test("a type and a function that the stand-in does not serve are refused by name, with the way out", async (t) => {
  if (stage.skipIfOfficial(t, "command provider", "serves them")) return;
  const { connection } = stage.server;
  await want({ copy: { connection, remotePath: path("copied") } });
  const copied = await stage.pulumi("preview");
  assert.notEqual(copied.code, 0);
  assert.match(copied.output, isRefused("command:remote:CopyToRemote"));

  await want({ run: `touch ${path("ran")}` });
  const ran = await stage.pulumi("preview");
  assert.notEqual(ran.code, 0);
  assert.match(ran.output, isRefused("command:local:run"));
  assert.ok(!existsSync(path("ran")));
});

test("inputs that the stand-in does not serve are refused by name, with the way out", async (t) => {
  if (stage.skipIfOfficial(t, "command provider", "serves them")) return;
  await want({ local: { globs: { create: "true", assetPaths: ["*.txt"] } } });
  assert.match((await stage.up()).output, /assetPaths.*not served by kjerne's stand-in.*install Pulumi/s);

  const args = { connection: stage.server.connection, create: "true", environment: { KJERNE_WORD: "said" } };
  await want({ remote: { asking: { args } } });
  assert.match((await stage.up()).output, /environment.*not served by kjerne's stand-in.*install Pulumi/s);
});

test("pulumi install is refused by the stand-in with the command that does it", async (t) => {
  if (stage.skipIfOfficial(t, "language host", "installs packages")) return;
  const { code, output } = await stage.pulumi("install");
  assert.notEqual(code, 0);
  assert.match(output, /run npm install/);
});

const wrongTypes: readonly (readonly [property: string, args: Readonly<Record<string, unknown>>])[] = [
  ["create", { create: 5 }],
  ["stdin", { create: "true", stdin: ["text"] }],
  ["environment", { create: "true", environment: { NUMBER: 1 } }],
  ["triggers", { create: "true", triggers: "x" }],
  ["addPreviousOutputInEnv", { create: "true", addPreviousOutputInEnv: "no" }],
];
for (const [property, args] of wrongTypes) {
  test(`${property} of another type than the schema's is refused before the command runs`, async () => {
    await want({ local: { wrong: { ...args, update: `touch ${path("ran")}` } } });
    const { code, output } = await stage.up();
    assert.notEqual(code, 0);
    assert.match(output, new RegExp(`${property}.*must be`, "s"));
  });
}

test("a connection whose port is a text is refused by name; the stand-in does not show its values", async (t) => {
  await want({
    remote: { wrong: { args: { connection: { ...stage.server.connection, port: "22" }, create: "true" } } },
  });
  const { code, output } = await stage.up();
  assert.notEqual(code, 0);
  assert.match(output, /port.*must be/s);
  if (stage.skipIfOfficial(t, "command provider", "prints the connection with its private key")) return;
  assert.doesNotMatch(output, /PRIVATE KEY/);
});

test("an input that does not exist is refused by its name; the stand-in does not show its value", async (t) => {
  const connection = { ...stage.server.connection, privatekey: "do not show" };
  await want({ remote: { typo: { args: { connection, create: "true" } } } });
  const { code, output } = await stage.up();
  assert.notEqual(code, 0);
  assert.match(output, /privatekey/);
  if (stage.skipIfOfficial(t, "command provider", "prints the connection with its private key")) return;
  assert.ok(!output.includes("do not show"));
});

test("a private key that can't be parsed is an error, also while another failure interrupts the run", async () => {
  const { connection } = stage.server;
  const failing = { args: { connection, create: "exit 3" } };
  const unreadable = { args: { connection: { ...connection, privateKey: "no key" }, create: "true" } };
  await want({ remote: { failing, unreadable, more: unreadable } });
  const { code, output } = await stage.up();
  assert.notEqual(code, 0);
  assert.match(output, /ssh: no key found/);
  assert.match(output, /status 3/);
  assert.doesNotMatch(output, /exited prematurely|bug in the provider|no key"/);
});
