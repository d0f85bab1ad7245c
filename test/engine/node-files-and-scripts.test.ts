import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import type { Input } from "./programs/nodes";
import { makeStage } from "./stage";

const stage = makeStage("nodes.ts", { hasOwnVarLib: true });

const want = (input: Omit<Input, "connection">) =>
  stage.setInput({ connection: stage.server.connection, ...input } satisfies Input);
const path = (name: string) => stage.path(join("node", name));
const read = (name: string) => stage.read(join("node", name));

test("NodeFiles writes, changes and removes files, and runs onChange only when a file changed", async () => {
  const onChange = [{ paths: [path("etc/")], command: `echo restarted >> ${path("restarts")}` }];
  const one = { [path("etc/one.conf")]: { content: "one = 1\n", mode: "0640" } };
  const two = { [path("etc/two.conf")]: { content: "two = 2\n", mode: "0644" } };

  await want({ files: { ...one, ...two }, onChange });
  const first = await stage.up();
  assert.equal(first.code, 0, first.output);
  assert.equal(await read("etc/one.conf"), "one = 1\n");
  assert.equal((await stat(path("etc/one.conf"))).mode & 0o777, 0o640);
  assert.deepEqual((await stage.up()).steps, []);

  const changed = { [path("etc/one.conf")]: { content: "one = 11\n", mode: "0640" } };
  await want({ files: { ...changed }, onChange });
  assert.deepEqual((await stage.up()).steps, ["update files"]);
  assert.equal(await read("etc/one.conf"), "one = 11\n");
  assert.ok(!existsSync(path("etc/two.conf")), "a file that left the set has left the machine");
  assert.equal(await read("restarts"), "restarted\nrestarted\n");
});

test("a preview shows the content of NodeFiles line by line unless it is secret", async () => {
  const files = { [path("etc/one.conf")]: { content: "one = 111\n", mode: "0640" } };
  const secretFiles = { [path("etc/key")]: { content: "abracadabra\n", mode: "0600" } };
  await want({ files, secretFiles });
  const preview = await stage.pulumi("preview", "--diff");
  assert.match(preview.output, /one = 111/);
  assert.ok(!preview.output.includes("abracadabra"), preview.output);

  const up = await stage.up();
  assert.equal(up.code, 0, up.output);
  assert.equal(await read("etc/key"), "abracadabra\n");
  const exported = await stage.pulumi("stack", "export");
  for (const text of [up.output, exported.output, await stage.state()]) assert.ok(!text.includes("abracadabra"));
});

test("NodeFiles writes nothing when the script before it refuses, and keeps its owner's sets apart", async () => {
  const files = { [path("etc/guarded.conf")]: { content: "1\n", mode: "0644" } };
  const asking = (script: string) => ({
    script: `../test/engine/programs/${script}`,
    stdin: `{"log": "${path("asked")}"}`,
  });
  await want({ files, owner: "oslo", before: asking("refuse.sh") });
  const refused = await stage.up();
  assert.match(refused.output, /the pool lies on a rotating disk; choose another/);
  assert.ok(!existsSync(path("etc/guarded.conf")));

  await want({ files, owner: "oslo", before: asking("note.sh") });
  const written = await stage.up();
  assert.equal(written.code, 0, written.output);
  assert.equal(await read("asked"), "ran update\n");
  assert.equal(await read("etc/guarded.conf"), "1\n");
});

test("an onChange command that failed runs again in the next up", async () => {
  const gate = path("gate");
  const files = { [path("etc/late.conf")]: { content: "late\n", mode: "0644" } };
  await want({
    files,
    onChange: [{ paths: [path("etc/")], command: `test -e ${gate}; echo applied > ${path("applied")}` }],
  });
  const failed = await stage.up();
  assert.notEqual(failed.code, 0);
  assert.equal(await read("etc/late.conf"), "late\n");

  await writeFile(gate, "");
  const again = await stage.up();
  assert.equal(again.code, 0, again.output);
  assert.equal(await read("applied"), "applied\n");
});

test("NodeScript passes a secret on stdin, runs again when files change, and runs undo on destroy", async () => {
  const wanted = (content: string, secret: boolean) =>
    want({
      files: { [path("etc/read.conf")]: { content, mode: "0644" } },
      script: {
        script: "../test/engine/programs/note.sh",
        undo: "../test/engine/programs/undo-note.sh",
        secretStdin: JSON.stringify({ log: path("log"), word: "hocuspocus" }),
        secret,
      },
    });
  await wanted("a", true);
  const first = await stage.up();
  assert.equal(first.code, 0, first.output);
  assert.equal(await read("log"), "ran create\n");
  assert.ok(!first.output.includes("hocuspocus") && !(await stage.state()).includes("hocuspocus"));
  assert.deepEqual((await stage.up()).steps, []);

  await wanted("b", true);
  assert.deepEqual((await stage.up()).steps, ["update files", "update script"]);
  assert.equal(await read("log"), "ran create\nran update\n");

  await rm(path("gate"), { force: true });
  const gone = await stage.destroy();
  assert.equal(gone.code, 0, gone.output);
  assert.ok(!existsSync(path("log")), "the script was undone");
  assert.ok(!existsSync(path("etc/read.conf")), "the files are gone");
});

test("NodeScript is replaced when a value of replaceOn changes, but not when it gets its first", async () => {
  const wanted = (replaceOn?: string[]) => {
    const script = { script: "../test/engine/programs/note.sh", undo: "../test/engine/programs/undo-note.sh" };
    return want({ script: { ...script, secretStdin: JSON.stringify({ log: path("log"), word: "a" }), replaceOn } });
  };
  await wanted();
  assert.equal((await stage.up()).code, 0);
  await wanted(["disk 8", "address 10.20.0.11"]);
  assert.deepEqual((await stage.up()).steps, []);
  assert.equal(await read("log"), "ran create\n");

  await wanted(["disk 9", "address 10.20.0.11"]);
  const replaced = await stage.up();
  assert.deepEqual(replaced.steps, ["delete-replaced script", "replace script", "create-replacement script"]);
  assert.equal(await read("log"), "ran create\n", "undone before it was made anew");
  assert.equal((await stage.destroy()).code, 0);
});

test("a script may leave 3 MB of stdin unread, print a line of 200 kB and bytes that are not UTF-8", async () => {
  await want({ script: { script: "../test/engine/programs/noisy.sh", secretStdin: "x".repeat(3_000_000) } });
  const noisy = await stage.up();
  assert.equal(noisy.code, 0, noisy.output.slice(-2000));
  assert.match(noisy.output, /blåb\ufffdr/);
  assert.equal((await stage.destroy()).code, 0);
});

test("the error of a failed script has its name and message, not its source", async () => {
  await want({ script: { script: "../test/engine/programs/refuse.sh", secretStdin: "", secret: false } });
  const refused = await stage.up();
  assert.notEqual(refused.code, 0);
  assert.match(refused.output, /refuse\.sh[\s\S]*the pool lies on a rotating disk; choose another/);
  assert.doesNotMatch(refused.output, /This comment is in the script/);
});
