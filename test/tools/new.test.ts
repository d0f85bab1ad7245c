import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { parse } from "yaml";
import { readSettings } from "../../stacks/settings";
import { manifest } from "../unit/calico-samples";
import { archiveKey, index } from "../unit/key-samples";
import { type BesideMachines, besideMachines, names } from "./beside-machines";

let beside: BesideMachines;
before(async () => {
  beside = await besideMachines();
});
after(() => beside?.stop());

test("three fresh machines and an address become settings that the program takes as they are", async () => {
  const { status, stdout, stderr } = await beside.makeNew({ ENDPOINT: "10.88.0.10" });
  assert.equal(status, 0, stderr);
  assert.match(stdout, /make lock STACK=bergen[\s\S]*pulumi stack init bergen[\s\S]*make up STACK=bergen/);
  const text = readFileSync(beside.file, "utf8");
  const raw = Object.fromEntries(
    Object.entries(parse(text).config).map(([key, value]) => [key.replace("kjerne:", ""), value]),
  );
  writeFileSync(beside.at("supply.json"), JSON.stringify(index));
  const { settings, files } = await readSettings(raw, beside.file, { passwords: {} });
  assert.deepEqual(
    settings.nodes.map(({ name, role, address, taints }) => [name, role, address, taints]),
    names.map((name, n) => [name, "control-plane", `10.88.0.${n + 11}`, []]),
  );
  for (const [n, node] of settings.nodes.entries()) {
    const [type, key] = readFileSync(beside.machines.at(`${names[n]}.pub`), "utf8").split(" ");
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
  writeFileSync(beside.file, "mine\n");
  const { status, stderr } = await beside.makeNew();
  assert.notEqual(status, 0);
  assert.match(stderr, /Pulumi\.bergen\.yaml is there already, and make new overwrites nothing; edit it, or name/);
  assert.equal(readFileSync(beside.file, "utf8"), "mine\n");
  rmSync(beside.file);
});

test("a machine that shows another host key than was given is refused, and nobody logs in there", async () => {
  const wrong = `SHA256:${"A".repeat(43)}`;
  const { status, stderr } = await beside.makeNew({
    MACHINES: `root@10.88.0.11=${wrong} root@10.88.0.12`,
  });
  assert.notEqual(status, 0);
  assert.ok(
    stderr.includes(
      `root@10.88.0.11: shows the host key ${beside.machines.fingerprint("node1")}, and you gave ${wrong}`,
    ),
    stderr,
  );
  assert.match(stderr, /root@10\.88\.0\.12: shows the host key SHA256:\S+, which nobody confirmed\. Compare it/);
  assert.deepEqual(beside.written(), []);
});

test("without a terminal, everything that is missing is told at once, with how it is given", async () => {
  const { status, stderr } = await beside.makeNew({
    MACHINES: undefined,
    CITY: undefined,
    CUSTODIAN: undefined,
    PACKAGES_KEY: undefined,
  });
  assert.notEqual(status, 0);
  for (const name of ["HYPERVISORS", "CITY", "CUSTODIAN", "PACKAGES_KEY"])
    assert.match(stderr, new RegExp(`^${name}: is missing\\. .*: ${name}='`, "m"));
});

test("what stands in the way on the machines is told before anything is written, of all of them", async () => {
  const swapped = ["node1", "node3"] as const;
  for (const name of swapped) await beside.inside(name, "touch /var/lib/swapped");
  const { status, stderr } = await beside.makeNew();
  for (const name of swapped) await beside.inside(name, "rm /var/lib/swapped");
  assert.notEqual(status, 0);
  for (const name of swapped) assert.match(stderr, new RegExp(`machine ${name} needs 1 change\\(s\\):\\s+swap: `));
  assert.doesNotMatch(stderr, /machine node2/);
  assert.deepEqual(beside.written(), []);
});

test("what the settings themselves refuse is told before anything is written", async () => {
  const { status, stderr } = await beside.makeNew({ COUNTRY: "XX", ENDPOINT: "10.88.0.12" });
  assert.notEqual(status, 0);
  assert.match(stderr, /site\.country \(XX\): is not an ISO 3166-1 country code/);
  assert.match(stderr, /kubernetes\.endpoint\.address is 10\.88\.0\.12, which is node2's own/);
  assert.deepEqual(beside.written(), []);
});

test("an address that something has already can't be the endpoint, and a machine that nobody reaches is no node", async () => {
  const { status, stderr } = await beside.makeNew({ ENDPOINT: "10.88.0.1" });
  assert.notEqual(status, 0);
  assert.match(
    stderr,
    /10\.88\.0\.1: something in 10\.88\.0\.0\/24 has this address already; choose one that nobody has/,
  );
  assert.deepEqual(beside.written(), []);
});

test("without a mirror the keys of upstream are written beside the settings, Debian's as a machine has them", async () => {
  for (const maker of ["kubernetes", "docker"]) writeFileSync(beside.at(`${maker}.asc`), archiveKey);
  const { status, stderr } = await beside.makeNew({ PACKAGES: undefined, PACKAGES_KEY: undefined });
  assert.equal(status, 0, stderr);
  const config = parse(readFileSync(beside.file, "utf8")).config;
  const files = config["kjerne:supply"].packages.map(({ signedByFile }: { signedByFile: string }) => signedByFile);
  assert.deepEqual(
    files,
    ["kubernetes", "debian", "debian", "docker"].map((maker) => beside.at(`${maker}.asc`)),
  );
  const shown = (file: string) => execFileSync("gpg", ["--show-keys", "--with-colons", file], { encoding: "utf8" });
  assert.equal(shown(beside.at("debian.asc")), shown("/usr/share/keyrings/debian-archive-keyring.gpg"));
  for (const file of [beside.file, ...files]) rmSync(file, { force: true });
});

test("keys that can't be had are told, and no file stays", async () => {
  const { status, stderr } = await beside.makeNew({ PACKAGES: undefined, PACKAGES_KEY: undefined });
  assert.notEqual(status, 0);
  for (const maker of ["kubernetes", "docker"])
    assert.match(stderr, new RegExp(`${maker}\\.asc: .*; write the public key there, or name a mirror by PACKAGES=`));
  assert.deepEqual(beside.written(), []);
  assert.equal(existsSync(beside.at("debian.asc")), false);
});
