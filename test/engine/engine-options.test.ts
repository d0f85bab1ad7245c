import assert from "node:assert/strict";
import { test } from "node:test";
import type { Input } from "./programs/commands";
import { makeStage } from "./stage";

const stage = makeStage("commands.ts");
const want = (input: Input) => stage.setInput(input);
const note = (word: string) => `echo ${word} >> ${stage.path("log")}`;

test("a change of replacementTrigger replaces a command; the first one set, and ignored triggers, do not", async () => {
  const traced = (options: object, triggers: string[]) => ({
    remote: {
      traced: {
        args: { connection: stage.server.connection, create: note("create"), delete: note("delete"), triggers },
        options: { deleteBeforeReplace: true, ...options },
      },
    },
  });
  await want(traced({}, ["1"]));
  assert.deepEqual((await stage.up()).steps, ["create traced"]);
  await want(traced({ replacementTrigger: "a", ignoreChanges: ["triggers"] }, ["2"]));
  assert.deepEqual((await stage.up()).steps, []);
  await want(traced({ replacementTrigger: "b", ignoreChanges: ["triggers"] }, ["2"]));
  const replaced = await stage.up();
  assert.deepEqual(replaced.steps, ["delete-replaced traced", "replace traced", "create-replacement traced"]);
  assert.deepEqual((await stage.read("log")).trim().split("\n"), ["create", "delete", "create"]);
});

test("a stash keeps the value of the first run and shows that of the latest one", async () => {
  const stashed = async () => JSON.parse((await stage.pulumi("stack", "output", "stash", "--json")).output);
  await want({ stash: "10.244.0.0/16" });
  assert.equal((await stage.up()).code, 0);
  await want({ stash: "10.245.0.0/16" });
  assert.equal((await stage.up()).code, 0);
  assert.deepEqual(await stashed(), { now: "10.245.0.0/16", first: "10.244.0.0/16" });
});

test("a hook of the program runs before a resource is created", async () => {
  await want({ local: { hooked: { create: note("hooked") } }, hookLog: stage.path("log") });
  const { code, output } = await stage.up();
  assert.equal(code, 0, output);
  assert.deepEqual((await stage.read("log")).trim().split("\n").slice(-2), ["before hooked", "hooked"]);
});
