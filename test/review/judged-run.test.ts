import assert from "node:assert/strict";
import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { builtPack } from "../../review/packs/built-pack";
import { findPacks, packConfig, packFlags } from "../../review/packs/packs";
import { pulumiIn, runJudged } from "../../review/runs/judged-run";
import { differences } from "../../review/runs/state-in-use";

const repository = join(__dirname, "../..");
let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "kjerne-judged-"));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

/** The state that `kjerne:residency` declares, and what Pulumi reports about it. */
const declared = { backend: "s3://state?endpoint=s3.eksempel.no", secretsProvider: "passphrase" };
const used = { url: "s3://state?endpoint=https://s3.eksempel.no&region=no", secrets: { type: "passphrase" } };

/** Runs with a fake `pulumi` that logs its arguments and fails for the verbs in `failing`. */
async function run(
  verb: "up" | "preview",
  flags: readonly string[],
  failing: readonly string[] = [],
  { url, secrets }: { url?: string; secrets?: object } = used,
  upDoes = "",
) {
  const at = (name: string) => join(directory, name);
  const fails = failing.map((word) => `[ "$1" = ${word} ] && exit 1`).join("\n");
  await writeFile(at("log"), "");
  await writeFile(at("config"), JSON.stringify(declared));
  await writeFile(at("whoami"), JSON.stringify({ url }));
  await writeFile(at("stack"), JSON.stringify({ deployment: { secrets_providers: secrets } }));
  const answers = `[ -e ${directory}/$1 ] && exec cat ${directory}/$1`;
  await writeFile(
    at("pulumi"),
    `#!/bin/sh\n${answers}\necho "$@" >> ${at("log")}\n${fails}\n[ "$1" != up ] || { ${upDoes || ":"}; }\nexit 0\n`,
  );
  await chmod(at("pulumi"), 0o755);
  const env = { ...process.env, PATH: [directory, process.env.PATH].join(delimiter) };
  const packs = await packFlags(await findPacks(repository), repository, (pack) => packConfig(pack, "oslo"));
  const code = await runJudged({ verb, stack: "oslo", packs, flags, ...pulumiIn(directory, env) });
  return { code, calls: (await readFile(at("log"), "utf8")).trim().split("\n") };
}

const packsIn = (call = "") => [...call.matchAll(/--policy-pack (\S+)/g)].map(([, directory]) => directory);
const everyPack = async () => [await builtPack(repository)];

test("make preview passes every policy pack of the repository to pulumi preview", async () => {
  const { code, calls } = await run("preview", ["--diff"]);
  assert.equal(code, 0);
  assert.equal(calls.length, 1);
  assert.deepEqual(packsIn(calls[0]), await everyPack());
  assert.match(calls[0] ?? "", /^preview --stack oslo .*--diff$/);
});

test("make up passes every policy pack to pulumi up and then judges the state with all of them", async () => {
  const { code, calls } = await run("up", []);
  assert.equal(code, 0);
  assert.deepEqual(
    calls.map((call) => call.split(" ")[0]),
    ["up", "policy"],
  );
  assert.deepEqual(calls.map(packsIn), [await everyPack(), await everyPack()]);
});

test("make up judges the state after a failed up too, and still fails", async () => {
  const { code, calls } = await run("up", [], ["up"]);
  assert.equal(code, 1);
  assert.equal(calls.length, 2);
});

test("make up fails when the policy packs refuse the state after a successful up", async () => {
  assert.equal((await run("up", [], ["policy"])).code, 1);
});

/** What would leave a resource unjudged, or judge another stack than the one that runs, in every form of the engine. */
const refused = [
  ["--target", "urn:x"],
  ["--target=urn:x"],
  ["-t", "urn:x"],
  ["-turn:x"],
  ["-t=urn:x"],
  ["-yt", "urn:x"],
  ["--target-dependents"],
  ["--target-replace", "urn:x"],
  ["--exclude", "urn:x"],
  ["-x=urn:x"],
  ["--policy-pack=/tmp/none"],
  ["--policy-pack-config", "none.json"],
  ["-C", "/tmp"],
  ["-C/tmp"],
  ["--cwd=/tmp"],
  ["--config-file", "other.yaml"],
  ["--config=kjerne:site=x"],
  ["-c", "a=b"],
  ["-s", "other"],
  ["--yes", "--skip-preview"],
  ["-f"],
  ["-sother"],
  ["--stack=other"],
  ["--plan=p"],
  ["--client=127.0.0.1:1"],
  ["--remote"],
  ["--yes", "--", "elsewhere"],
  ["elsewhere"],
  ["--constructor"],
  ["--yes", "--refresh", "elsewhere"],
  ["--TARGET=urn:x"],
];

for (const flags of refused) {
  test(`FLAGS="${flags.join(" ")}" is refused before pulumi runs`, async () => {
    await assert.rejects(run("up", flags), / is refused: /);
    assert.equal(await readFile(join(directory, "log"), "utf8"), "");
  });
}

test("flags that leave all judged reach pulumi as they are, with values in both forms", async () => {
  const flags = ["-y", "--parallel", "4", "--message=--target", "-m", "-t", "--refresh"];
  const { calls } = await run("up", flags);
  assert.ok(calls[0]?.endsWith(flags.join(" ")), calls[0]);
});

test("a variable that makes pulumi take a refused flag is refused by its name", async () => {
  const packs: string[] = [];
  const judged = (env: NodeJS.ProcessEnv) =>
    runJudged({
      verb: "up",
      stack: "oslo",
      packs,
      env,
      run: async () => 0,
      ask: async () => Promise.reject(new Error("asked")),
    });
  for (const variable of ["TARGET", "EXCLUDE", "STACK", "CWD", "POLICY_PACK", "TARGET_REPLACE"]) {
    const name = `PULUMI_OPTION_${variable}`;
    await assert.rejects(judged({ [name]: "x" }), new RegExp(`${name} is refused: `));
  }
  await assert.rejects(judged({ PULUMI_OPTION_PARALLEL: "4", PULUMI_OPTION_CONFIG_FILE: "lab.yaml" }), /asked/);
});

test("a state backend or secrets provider other than the declared one stops a run before it begins", async () => {
  const { url, secrets } = used;
  await assert.rejects(run("up", [], [], { url: "https://app.pulumi.com/ola", secrets }), /logged in to https:\/\/app/);
  await assert.rejects(
    run("up", [], [], { url: "s3://state?endpoint=s3.eksempel.com", secrets }),
    /state\.backend says/,
  );
  await assert.rejects(run("preview", [], [], { url, secrets: { type: "service" } }), /is encrypted with service/);
  const kms = { type: "cloud", state: { url: "awskms://key" } };
  await assert.rejects(run("preview", [], [], { url, secrets: kms }), /is encrypted with awskms:\/\/key/);
  assert.equal(await readFile(join(directory, "log"), "utf8"), "");
});

test("a secrets provider that changes during the up fails it afterwards", async () => {
  const changes = `echo '${JSON.stringify({ deployment: { secrets_providers: { type: "service" } } })}' > ${directory}/stack`;
  await assert.rejects(run("up", [], [], used, changes), /is encrypted with service/);
  assert.match(await readFile(join(directory, "log"), "utf8"), /^up .*\npolicy /);
});

test("a state backend or secrets provider that Pulumi does not report counts as different", async () => {
  await assert.rejects(run("up", [], [], {}), /logged in to nobody knows what.*\n.*encrypted with nobody knows what/);
});

test("a value that is neither declared nor reported does not count as equal", () => {
  assert.equal(differences({}, { backend: "", secretsProvider: "" }).length, 2);
});

test("a repository without policy packs is an error", async () => {
  await assert.rejects(findPacks(join(repository, "test/review/programs")), /ENOENT|no policy pack/);
});
