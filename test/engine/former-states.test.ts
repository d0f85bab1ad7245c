import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { parse, stringify } from "yaml";
import type { Input } from "./programs/nodes";
import { makeStage } from "./stage";

const stage = makeStage("former-nodes.ts", { hasOwnVarLib: true });
const path = (name: string) => stage.path(name);
const read = (name: string) => stage.read(name);

/** Has the stack run by another version of the program. */
async function go(program: "former-nodes.ts" | "nodes.ts"): Promise<void> {
  const file = stage.path("Pulumi.yaml");
  const project = parse(await readFile(file, "utf8"));
  await writeFile(file, stringify({ ...project, main: join(__dirname, "programs", program) }));
}
const want = (word: string, replaceOn?: string[]) => {
  const script = {
    script: "../test/engine/programs/note.sh",
    undo: "../test/engine/programs/undo-note.sh",
    secretStdin: JSON.stringify({ log: path("log"), word }),
    ...(replaceOn ? { replaceOn } : {}),
  };
  return stage.setInput({ connection: stage.server.connection, script } satisfies Input);
};

test("a script that a remote.Command ran goes on as an update, once, and is undone at the end", async () => {
  await want("a", ["disk 8"]);
  const former = await stage.up();
  assert.equal(former.code, 0, former.output);
  assert.equal(await read("log"), "ran create\n");

  await go("nodes.ts");
  const preview = await stage.pulumi("preview", "--diff");
  console.log(preview.output);
  const up = await stage.up();
  console.log(up.output);
  assert.equal(up.code, 0, up.output);
  assert.deepEqual(up.steps, ["update script", "delete script"]);
  assert.equal(await read("log"), "ran create\nran update\n");
  console.log(await stage.state());
  const again = await stage.up();
  assert.deepEqual(again.steps, [], again.output);
  const gone = await stage.destroy();
  assert.equal(gone.code, 0, gone.output);
  await assert.rejects(read("log"), { code: "ENOENT" });
});

test("a destroy that runs the program does not forget a script of 0.1.0 without its undo", async () => {
  await go("former-nodes.ts");
  await want("a");
  assert.equal((await stage.up()).code, 0);
  await go("nodes.ts");
  const refused = await stage.destroy("--run-program");
  assert.notEqual(refused.code, 0);
  assert.match(refused.output, /script .* 0\.1\.0 .*pulumi up/);
  assert.equal(await read("log"), "ran create\n");
  assert.equal((await stage.up()).code, 0);
  assert.equal((await stage.destroy()).code, 0);
  await assert.rejects(read("log"), { code: "ENOENT" });
});

test("one that is replaced on the way is undone with what the remote.Command kept", async () => {
  await go("former-nodes.ts");
  await want("a", ["disk 8"]);
  assert.equal((await stage.up()).code, 0);
  await go("nodes.ts");
  await want("b", ["disk 9"]);
  const up = await stage.up();
  console.log(up.output, up.steps);
  assert.equal(up.code, 0, up.output);
  assert.equal(await read("log"), "ran create\n", "undone before it was made anew");
  assert.equal((await stage.destroy()).code, 0);
});
