import assert from "node:assert/strict";
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

test("a secret inside a map of inputs is encrypted in the state", async () => {
  // The engine marks an output as secret if its whole input was; a secret inside an object is up to the provider.
  await want({ local: { knows: { create: "true", secretEnvironment: { KJERNE_WORD: "Close, Sesame" } } } });
  assert.equal((await stage.up()).code, 0);
  assert.ok(!(await stage.state()).includes("Sesame"));
});
