import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { promisify } from "node:util";
import { readStackSettings, refusal, refusedPieces } from "../../commands/preconditions";

const repository = join(__dirname, "../..");
let directory: string;
const at = (name: string) => join(directory, name);

/** A new user's machine: nothing of Pulumi is installed, nobody is logged in. */
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "kjerne-commands-"));
  const make = (await promisify(execFile)("sh", ["-c", "command -v make"])).stdout.trim();
  await Promise.all(["bin", "home", "backend"].map((name) => mkdir(at(name))));
  await symlink(make, at("bin/make"));
  await symlink(process.execPath, at("bin/node"));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

/** Runs `make` and returns what the user sees. Each of these mistakes ends with a status other than 0. */
async function mistake(args: readonly string[], variables: NodeJS.ProcessEnv = {}): Promise<string> {
  const own = Object.entries(process.env).filter(([name]) => !/^(PULUMI_|MAKE|MFLAGS)/.test(name));
  const env = { ...Object.fromEntries(own), PATH: at("bin"), PULUMI_HOME: at("home"), ...variables };
  // node_modules is not made again, whatever its age.
  const child = spawn("make", ["-o", "node_modules", ...args], {
    cwd: repository,
    env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  child.stdout.on("data", (chunk) => (output += chunk));
  child.stderr.on("data", (chunk) => (output += chunk));
  const [code] = await once(child, "close");
  assert.notEqual(code, 0, output);
  assert.doesNotMatch(output, /^ +at /m, "no stack trace");
  return output;
}

test("without STACK, the answer names the stacks and shows the command", async () => {
  assert.match(await mistake(["preview"]), /no stack is named; choose one of .*oslo, as in make preview STACK=oslo/);
});

test("a STACK without settings: the answer names the missing file and the stacks that have one", async () => {
  const output = await mistake(["up", "STACK=nope"]);
  assert.match(output, /stacks\/Pulumi\.nope\.yaml does not exist\. Choose one of .*oslo, or copy/);
});

test("the template of make lab is not taken for a stack", async () => {
  assert.match(await mistake(["up", "STACK=lab"]), /Pulumi\.lab\.yaml is the template of make lab.*Run make lab/);
});

test("up of a production stack without an official Pulumi is refused before anything runs, and names the pieces", async () => {
  const output = await mistake(["up", "STACK=oslo"]);
  assert.match(output, /^make up refuses stack oslo: these pieces of Pulumi are not official/);
  for (const name of ["pulumi", "language host", "command provider", "random provider", "kubernetes provider"]) {
    assert.match(output, new RegExp(`^ {2}${name}: (built here|kjerne's stand-in)`, "m"));
  }
  assert.match(output, /https:\/\/www\.pulumi\.com\/docs\/install\//);
  assert.match(output, /make up STACK=oslo STAND_INS=allow/);
  assert.deepEqual(await readdir(at("home")), []);
});

test("STAND_INS=allow lets that up go on; without a login it ends with the command that logs in", async () => {
  const output = await mistake(["up", "STACK=oslo", "STAND_INS=allow"]);
  assert.doesNotMatch(output, /refuses/);
  assert.match(output, /^language host: not official, kjerne's stand-in$/m);
  assert.match(output, /no access to a backend.*\n.*PULUMI_ACCESS_TOKEN/);
  assert.match(output, /Log in where \S+oslo\.yaml says .*\/pulumi login 's3:\/\/kjerne\?endpoint=s3\.eksempel\.no'/);
});

test("any other value of STAND_INS is refused", async () => {
  assert.match(await mistake(["up", "STACK=oslo", "STAND_INS=yes"]), /STAND_INS=yes is unknown; say STAND_INS=allow/);
});

test("a preview goes on with stand-ins and says that up would not; a stack that is new to the backend must be created", async () => {
  const output = await mistake(["preview", "STACK=oslo"], { PULUMI_BACKEND_URL: `file://${at("backend")}` });
  assert.match(output, /^language host: not official, kjerne's stand-in$/m);
  assert.match(output, /^not all of it is official: make up refuses that unless you say STAND_INS=allow$/m);
  assert.match(output, /the backend has no stack oslo yet; create it: \S+\/pulumi stack init oslo$/m);
});

const official = { name: "pulumi", official: true, is: "/usr/local/bin/pulumi" } as const;
const standIn = { name: "random provider", official: false, is: "kjerne's stand-in" } as const;

/** Settings of a stack of another repository. */
async function settings(text: string) {
  await mkdir(at("stacks"), { recursive: true });
  await writeFile(at("stacks/Pulumi.bergen.yaml"), text);
  return readStackSettings(directory, "up", "bergen");
}
const production = "config:\n  kjerne:residency: { state: { backend: 's3://state' } }\n";
const lab = `${production}  kjerne:virtualisation: emulated\n`;

test("one piece that is not official is enough for up to refuse, and only that one is named", async () => {
  const bergen = await settings(production);
  const refused = refusedPieces([official, standIn], bergen, false);
  assert.match(refusal(refused, bergen), /stack bergen.*\n {2}random provider: kjerne's stand-in\nInstall/);
});

test("up does not refuse official pieces, a lab, or stand-ins that the user allows", async () => {
  assert.deepEqual(refusedPieces([official], await settings(production), false), []);
  assert.deepEqual(refusedPieces([official, standIn], await settings(lab), false), []);
  const containers = `${production}  kjerne:nodes: [{ name: cp1, machine: { container: true } }]\n`;
  assert.deepEqual(refusedPieces([official, standIn], await settings(containers), false), []);
  const mixed = containers.replace("[{", "[{ name: w1, machine: { port: 22 } }, {");
  assert.deepEqual(refusedPieces([official, standIn], await settings(mixed), false), [standIn]);
  assert.deepEqual(refusedPieces([official, standIn], await settings(production), true), []);
});

test("the settings file that pulumi is told to use is read in place of stacks/", async () => {
  await settings(lab);
  const inLab = await readStackSettings(repository, "preview", "second", at("stacks/Pulumi.bergen.yaml"));
  assert.equal(inLab.isLab, true);
});

test("settings that can't be read, or don't say where the state is kept, are refused by the file's name", async () => {
  await assert.rejects(settings("config: [\n"), /^Error: stacks\/Pulumi\.bergen\.yaml is not valid YAML: /);
  await assert.rejects(settings("encryptionsalt: v1:x\n"), /Pulumi\.bergen\.yaml does not say where the state is kept/);
});
