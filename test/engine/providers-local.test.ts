import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { test } from "node:test";
import type { Input } from "./programs/commands";
import { makeStage } from "./stage";

const stage = makeStage("commands.ts");
const { path, read } = stage;

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

test("local.run runs at a preview too", async () => {
  await want({ runs: `echo once >> ${path("runs")}; cat ${path("runs")}` });
  const { code, output } = await stage.pulumi("preview");
  assert.equal(code, 0, output);
  assert.equal(await read("runs"), "once\n");
});

test("what the stand-in does not serve is said", async () => {
  await want({ local: { globs: { create: "true", assetPaths: ["*.txt"] } } });
  assert.match((await stage.up()).output, /assetPaths.*not served by kjerne's stand-in/s);
});

test("texts, files and directories are copied to another machine, and again when they change", async () => {
  const { connection } = stage.server;
  await mkdir(path("tree/below"), { recursive: true });
  await writeFile(path("tree/below/leaf"), "leaf\n");
  await writeFile(path("source"), "one\n");
  const copies = {
    text: { connection, text: "a text\n", remotePath: path("made/text") },
    file: { connection, file: path("source"), remotePath: path("made/file") },
    tree: { connection, directory: path("tree"), remotePath: path("made") },
    content: { connection, directory: `${path("tree")}/`, remotePath: path("made/content") },
  };
  await want({ copies });
  const { code, output } = await stage.up();
  assert.equal(code, 0, output);
  assert.deepEqual(await Promise.all(["made/text", "made/file"].map(read)), ["a text\n", "one\n"]);
  assert.equal(await read("made/tree/below/leaf"), "leaf\n");
  assert.equal(await read("made/content/below/leaf"), "leaf\n");

  await writeFile(path("source"), "two\n");
  assert.deepEqual((await stage.up()).steps, ["update file"]);
  assert.equal(await read("made/file"), "two\n");

  assert.equal((await stage.destroy()).code, 0);
  assert.ok(existsSync(path("made/file")), "a copy stays, as with the official provider");
});
