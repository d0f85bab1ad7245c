import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { parse } from "yaml";
import { readSettings } from "../../stacks/settings";
import { manifest } from "../unit/calico-samples";
import { archiveKey, index } from "../unit/key-samples";
import { type FreshMachines, startMachines } from "./fresh-machines";

const names = ["node1", "node2", "node3"] as const;
const scratch = mkdtempSync(join(tmpdir(), "kjerne-new-test-"));
const at = (file: string) => join(scratch, file);
const file = at("Pulumi.bergen.yaml");
let machines: FreshMachines;

before(async () => {
  machines = await startMachines(...names);
  writeFileSync(at("calico.yaml"), manifest);
  writeFileSync(at("apt.asc"), archiveKey);
});
after(async () => {
  await machines?.stop();
  rmSync(scratch, { recursive: true, force: true });
});

const fingerprints = () => names.map((name, n) => `root@10.88.0.${n + 11}=${machines.fingerprint(name)}`).join(" ");

/** Every answer that has no default, and files of this test in the place of upstream's. */
const answers = () => ({
  MACHINES: fingerprints(),
  KEY: machines.at("key"),
  COUNTRY: "NO",
  CITY: "Bergen",
  OPERATOR: "Eksempel Drift AS, NO, NO",
  SUPPORT: "NO SE",
  DATA_CLASS: "internal",
  CUSTODIAN: "Eksempel AS, NO, NO",
  PACKAGES: "http://10.88.0.1 bookworm main",
  PACKAGES_KEY: at("apt.asc"),
  IMAGES: "http://10.88.0.1:5000",
  CALICO: at("calico.yaml"),
  INDEX: at("supply.json"),
});

interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `make new` beside the machines, with these variables; `undefined` leaves one out. */
function makeNew(changed: Readonly<Record<string, string | undefined>> = {}): Promise<Ended> {
  const given = Object.entries({ ...answers(), ...changed }).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}=${value}`],
  );
  const command = ["make", "--silent", "new", "STACK=bergen", ...given] as [string, ...string[]];
  const [program, ...args] = machines.beside("env", `PULUMI_OPTION_CONFIG_FILE=${file}`, ...command);
  const { NODE_TEST_CONTEXT: _, MAKEFLAGS: __, MAKELEVEL: ___, ...env } = process.env;
  return ended(spawn(program, args, { env, stdio: ["ignore", "pipe", "pipe"] }));
}

function ended(running: ReturnType<typeof spawn>): Promise<Ended> {
  const said = { stdout: "", stderr: "" };
  running.stdout?.on("data", (text) => (said.stdout += text));
  running.stderr?.on("data", (text) => (said.stderr += text));
  return new Promise((resolve) => running.on("close", (status) => resolve({ status, ...said })));
}

const nothingWritten = () =>
  assert.deepEqual(
    readdirSync(scratch).filter((one) => one.includes("Pulumi.")),
    [],
  );

test("three fresh machines and an address become settings that the program takes as they are", async () => {
  const { status, stdout, stderr } = await makeNew({ ENDPOINT: "10.88.0.10" });
  assert.equal(status, 0, stderr);
  assert.match(stdout, /make lock STACK=bergen[\s\S]*pulumi stack init bergen[\s\S]*make up STACK=bergen/);
  const text = readFileSync(file, "utf8");
  const raw = Object.fromEntries(
    Object.entries(parse(text).config).map(([key, value]) => [key.replace("kjerne:", ""), value]),
  );
  writeFileSync(at("supply.json"), JSON.stringify(index));
  const { settings, files } = await readSettings(raw, file, { passwords: {} });
  assert.deepEqual(
    settings.nodes.map(({ name, role, address, taints }) => [name, role, address, taints]),
    names.map((name, n) => [name, "control-plane", `10.88.0.${n + 11}`, []]),
  );
  for (const [n, node] of settings.nodes.entries()) {
    const [type, key] = readFileSync(machines.at(`${names[n]}.pub`), "utf8").split(" ");
    assert.equal("machine" in node && node.machine.hostKey, `${type} ${key}`);
  }
  assert.deepEqual(
    [settings.kubernetes.endpoint.address, settings.kubernetes.endpoint.by, settings.network.nodeCidr],
    ["10.88.0.10", "vrrp", "10.88.0.0/24"],
  );
  assert.deepEqual([settings.network.gateway, settings.network.nameservers], ["10.88.0.1", ["10.88.0.1"]]);
  assert.equal(settings.network.calico.manifestSha256, createHash("sha256").update(manifest).digest("hex"));
  assert.equal(files.calico, manifest);
  assert.doesNotMatch(text, /PRIVATE KEY/);
});

test("settings that are there are never overwritten, and the way out is told", async () => {
  writeFileSync(file, "mine\n");
  const { status, stderr } = await makeNew();
  assert.notEqual(status, 0);
  assert.match(stderr, /Pulumi\.bergen\.yaml is there already, and make new overwrites nothing; edit it, or name/);
  assert.equal(readFileSync(file, "utf8"), "mine\n");
  rmSync(file);
});

test("a machine that shows another host key than was given is refused, and nobody logs in there", async () => {
  const wrong = `SHA256:${"A".repeat(43)}`;
  const { status, stderr } = await makeNew({
    MACHINES: `root@10.88.0.11=${wrong} root@10.88.0.12`,
  });
  assert.notEqual(status, 0);
  assert.ok(
    stderr.includes(`root@10.88.0.11: shows the host key ${machines.fingerprint("node1")}, and you gave ${wrong}`),
    stderr,
  );
  assert.match(stderr, /root@10\.88\.0\.12: shows the host key SHA256:\S+, which nobody confirmed\. Compare it/);
  nothingWritten();
});

test("without a terminal, everything that is missing is told at once, with how it is given", async () => {
  const { status, stderr } = await makeNew({
    MACHINES: undefined,
    CITY: undefined,
    CUSTODIAN: undefined,
    PACKAGES_KEY: undefined,
  });
  assert.notEqual(status, 0);
  for (const name of ["MACHINES", "CITY", "CUSTODIAN", "PACKAGES_KEY"])
    assert.match(stderr, new RegExp(`^${name}: is missing\\. .*: ${name}='`, "m"));
});

test("what stands in the way on the machines is told before anything is written, of all of them", async () => {
  const swapped = ["node1", "node3"] as const;
  for (const name of swapped) await inside(name, "touch /var/lib/swapped");
  const { status, stderr } = await makeNew();
  for (const name of swapped) await inside(name, "rm /var/lib/swapped");
  assert.notEqual(status, 0);
  for (const name of swapped) assert.match(stderr, new RegExp(`machine ${name} needs 1 change\\(s\\):\\s+swap: `));
  assert.doesNotMatch(stderr, /machine node2/);
  nothingWritten();
});

test("what the settings themselves refuse is told before anything is written", async () => {
  const { status, stderr } = await makeNew({ COUNTRY: "XX", ENDPOINT: "10.88.0.12" });
  assert.notEqual(status, 0);
  assert.match(stderr, /site\.country \(XX\): is not an ISO 3166-1 country code/);
  assert.match(stderr, /kubernetes\.endpoint\.address is 10\.88\.0\.12, which is node2's own/);
  nothingWritten();
});

/** Runs a command of bash on a machine, by ssh as an operator would. */
async function inside(name: (typeof names)[number], command: string): Promise<void> {
  const options = [
    "-i",
    machines.at("key"),
    "-o",
    "StrictHostKeyChecking=no",
    "-o",
    "UserKnownHostsFile=/dev/null",
    "-o",
    "LogLevel=ERROR",
  ];
  const [program, ...args] = machines.beside("ssh", ...options, `root@10.88.0.${names.indexOf(name) + 11}`, command);
  const { status, stderr } = await ended(spawn(program, args));
  assert.equal(status, 0, stderr);
}
