import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { test } from "node:test";
import type { Input } from "./programs/commands";
import { makeStage } from "./stage";

const stage = makeStage("commands.ts");
const { path } = stage;

const want = (input: Input) => stage.setInput(input);

test("a local command runs in its directory with its environment, interpreter and stdin", async () => {
  await mkdir(path("here"));
  const create = 'import os, sys; print(os.getcwd(), os.environ["WORD"], sys.stdin.read())';
  const hello = {
    create,
    interpreter: ["python3", "-c"],
    dir: path("here"),
    environment: { WORD: "said" },
    stdin: "hello",
  };
  await want({ local: { hello } });
  const { code, output } = await stage.up();
  assert.equal(code, 0, output);
  assert.ok(output.includes(`${path("here")} said hello`), output);
  assert.deepEqual((await stage.up()).steps, []);
});

test("a failed local command is an error with its exit status and output", async () => {
  await want({ local: { failing: { create: "echo broken; exit 7" } } });
  const { code, output } = await stage.up();
  assert.notEqual(code, 0);
  assert.match(output, /exit status 7: running "echo broken; exit 7":\n\s*broken/);
});

const isRefused = (token: string) => new RegExp(`${token} is not served by kjerne's stand-in.*install Pulumi`, "s");

test("a type and a function that the stand-in does not serve are refused by name, with the way out", async () => {
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

test("an input that the stand-in does not serve is refused by name, with the way out", async () => {
  await want({ local: { globs: { create: "true", assetPaths: ["*.txt"] } } });
  assert.match((await stage.up()).output, /assetPaths.*not served by kjerne's stand-in.*install Pulumi/s);
});

test("pulumi install is refused with the command that does it", async () => {
  const { code, output } = await stage.pulumi("install");
  assert.notEqual(code, 0);
  assert.match(output, /run npm install/);
});
