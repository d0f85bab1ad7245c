import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { cached } from "../../tools/cache";

let cache: string;
beforeEach(async () => {
  cache = await mkdtemp(join(tmpdir(), "kjerne-cache-"));
});
afterEach(() => rm(cache, { recursive: true }));

const build = (text: string) => async (directory: string) => writeFile(join(directory, "made"), text);

test("the cache builds the same inputs once and other inputs separately", async () => {
  const first = await cached("tool", ["a"], build("first"), cache);
  assert.equal(await cached("tool", ["a"], build("second"), cache), first);
  assert.equal(await readFile(join(first, "made"), "utf8"), "first");
  assert.notEqual(await cached("tool", ["b"], build("other"), cache), first);
});

test("a failed build leaves nothing in the cache", async () => {
  const failing = cached("tool", ["a"], () => Promise.reject(new Error("no compiler")), cache);
  await assert.rejects(failing, /no compiler/);
  assert.deepEqual(await readdir(cache), []);
});

test("a build removes the unfinished directory of a killed build and keeps that of a running one", async () => {
  const ended = spawnSync("true").pid;
  await mkdir(join(cache, `tool-0123456789abcdef.unfinished-${ended}`));
  const running = `engine-0123456789abcdef.unfinished-${process.ppid}`;
  await mkdir(join(cache, running));
  const made = await cached("tool", ["a"], build("made"), cache);
  assert.deepEqual((await readdir(cache)).sort(), [running, made.slice(cache.length + 1)]);
});
