import assert from "node:assert/strict";
import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { findPacks } from "../../tools/policy/packs";
import { runJudged } from "../../tools/policy/pulumi";

const repository = join(__dirname, "../..");
let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "kjerne-judged-"));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

/** Runs with a `pulumi` that writes down how it was called, and fails in the verbs named. */
async function run(verb: "up" | "preview", flags: readonly string[], failing: readonly string[] = []) {
  const [log, pulumi] = [join(directory, "log"), join(directory, "pulumi")];
  const fails = failing.map((word) => `[ "$1" = ${word} ] && exit 1`).join("\n");
  await writeFile(log, "");
  await writeFile(pulumi, `#!/bin/sh\necho "$@" >> ${log}\n${fails}\nexit 0\n`);
  await chmod(pulumi, 0o755);
  const env = { ...process.env, PATH: [directory, process.env.PATH].join(delimiter) };
  const packs = await findPacks(repository);
  const code = await runJudged({ verb, stack: "oslo", program: directory, packs, flags, env });
  return { code, calls: (await readFile(log, "utf8")).trim().split("\n") };
}

const packsIn = (call = "") => [...call.matchAll(/--policy-pack \S+\/policies\/(\w+)/g)].map(([, folder]) => folder);
const all = ["hardening", "network", "residency"];

test("preview runs with every pack that the repository has", async () => {
  const { code, calls } = await run("preview", ["--diff"]);
  assert.equal(code, 0);
  assert.equal(calls.length, 1);
  assert.deepEqual(packsIn(calls[0]), all);
  assert.match(calls[0] ?? "", /^preview --stack oslo .*--diff$/);
});

test("up runs with every pack, and all of them judge the state after", async () => {
  const { code, calls } = await run("up", []);
  assert.equal(code, 0);
  assert.deepEqual(
    calls.map((call) => call.split(" ")[0]),
    ["up", "policy"],
  );
  assert.deepEqual(calls.map(packsIn), [all, all]);
});

test("the state is judged after an up that failed, and its failure is not hidden", async () => {
  const { code, calls } = await run("up", [], ["up"]);
  assert.equal(code, 1);
  assert.equal(calls.length, 2);
});

test("a state that the packs refuse fails an up that had nothing against it", async () => {
  assert.equal((await run("up", [], ["policy"])).code, 1);
});

test("what would leave something unjudged is refused before anything runs", async () => {
  await assert.rejects(run("up", ["--target", "urn:x"]), /--target is refused: resources outside/);
  await assert.rejects(run("up", ["--policy-pack=/tmp/none"]), /--policy-pack is refused/);
  assert.equal(await readFile(join(directory, "log"), "utf8"), "");
});

test("a repository without packs is no reason to judge nothing", async () => {
  await assert.rejects(findPacks(join(repository, "test/review/programs")), /ENOENT|no policy pack/);
});
