import assert from "node:assert/strict";
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { parse } from "yaml";
import { ensureKeys } from "../../tools/lab/keys";
import { type LabMachines, usual } from "../../tools/lab/machines";
import { labAddresses, labFiles } from "../../tools/lab/plan";
import { writeLabSettings } from "../../tools/lab/settings-file";

const lab = "moved";
let home: string;

before(async () => {
  home = await mkdtemp(join(tmpdir(), "kjerne-stack-"));
  process.env.XDG_STATE_HOME = home;
  await ensureKeys(lab);
});
after(() => rm(home, { recursive: true }));

const write = (machines?: LabMachines) => writeLabSettings(lab, labAddresses(7), "/supply", machines);

/** The settings of a lab with native nodes: those that are given, else as usual. Their host keys are their names. */
async function nativeSettings(given: Partial<LabMachines> = {}) {
  for (const name of ["cp1", "cp2", "cp3", "worker1"]) {
    await mkdir(labFiles(lab).node(name), { recursive: true });
    await writeFile(join(labFiles(lab).node(name), "host_key.pub"), `ssh-ed25519 ${name} its comment\n`);
  }
  return parse(await readFile(await write({ ...usual, machines: "native", ...given }), "utf8")).config;
}

test("the lab's stack file has the lab's addresses and keys and no placeholder", async () => {
  const text = await readFile(await write(), "utf8");
  assert.doesNotMatch(text, /10\.7[78]\.0\./);
  assert.doesNotMatch(text, /<lab>/);
  const config = parse(text).config;
  assert.equal(config["kjerne:network"].nodeCidr, "10.77.7.0/24");
  assert.equal(config["kjerne:hypervisors"][0].address, "10.77.7.2");
  assert.equal(
    `${config["kjerne:hypervisors"][0].hostKey} hypervisor of kjerne lab ${lab}\n`,
    await readFile(`${labFiles(lab).hostKey}.pub`, "utf8"),
  );
});

test("rewriting the lab's stack file keeps Pulumi's salt and secrets and takes the repository's settings", async () => {
  const file = await write();
  const salted = `${await readFile(file, "utf8")}  kjerne:bgpPasswords:\n    router:\n      secure: v1:abc\nencryptionsalt: v1:salt\n`;
  await writeFile(file, salted.replace("kjerne:virtualisation: emulated", "kjerne:virtualisation: kvm"));
  const { config, encryptionsalt } = parse(await readFile(await write(), "utf8"));
  assert.equal(encryptionsalt, "v1:salt");
  assert.deepEqual(config["kjerne:bgpPasswords"], { router: { secure: "v1:abc" } });
  assert.equal(config["kjerne:virtualisation"], "emulated");
});

test("only the owner can read the lab's keys and secrets, and the next start keeps them", async () => {
  const { sshKey, hostKey, bgpPassword, passphrase } = labFiles(lab);
  const read = () => Promise.all([sshKey, hostKey, bgpPassword, passphrase].map((file) => readFile(file, "utf8")));
  const earlier = await read();
  await ensureKeys(lab);
  assert.deepEqual(await read(), earlier);
  for (const file of [sshKey, hostKey, bgpPassword, passphrase]) assert.equal((await stat(file)).mode & 0o777, 0o600);
});

test("native nodes are existing machines in the settings, each with the host key that the lab made", async () => {
  const config = await nativeSettings();
  const machine = (name: string) => ({ user: "kjerne", hostKey: `ssh-ed25519 ${name}`, container: true });
  assert.deepEqual(config["kjerne:nodes"], [
    { name: "cp1", role: "control-plane", address: "10.77.7.11", machine: machine("cp1") },
    { name: "worker1", role: "worker", address: "10.77.7.21", machine: machine("worker1") },
  ]);
  assert.deepEqual(config["kjerne:hypervisors"], []);
  assert.ok(!("kjerne:virtualisation" in config));
  assert.deepEqual(config["kjerne:kubernetes"].proxy, { mode: "iptables" });
  assert.deepEqual(config["kjerne:kubernetes"].sysctlProfiles, ["base"]);
  assert.equal(config["kjerne:kubernetes"].endpoint.address, "10.77.7.11");
});

test("control planes of a lab without workers, native or virtual, take workloads", async () => {
  const taints = (config: { "kjerne:nodes": { name: string; taints?: object[] }[] }) =>
    config["kjerne:nodes"].map(({ name, taints }) => [name, taints]);
  assert.deepEqual(taints(await nativeSettings({ workers: 0 })), [["cp1", []]]);
  const virtual = await write({ ...usual, workers: 0 });
  assert.deepEqual(taints(parse(await readFile(virtual, "utf8")).config), [["cp1", []]]);
});

test("native nodes have a card on the fabric also where no hypervisor makes another node", async () => {
  const config = await nativeSettings({ controlPlanes: 3, fabric: "yes" });
  const cards = config["kjerne:nodes"].map(
    (node: { machine: { fabricInterface?: string } }) => node.machine.fabricInterface,
  );
  assert.deepEqual(cards, Array(4).fill("fab0"));
  assert.deepEqual(config["kjerne:hypervisors"], []);
});

test("three control planes have an address in turn that no machine has", async () => {
  const config = await nativeSettings({ controlPlanes: 3 });
  const addresses = config["kjerne:nodes"].map(({ address }: { address: string }) => address);
  assert.deepEqual(addresses, ["10.77.7.11", "10.77.7.12", "10.77.7.13", "10.77.7.21"]);
  const { address, by } = config["kjerne:kubernetes"].endpoint;
  assert.deepEqual([address, by], ["10.77.7.4", "vrrp"]);
});

test("control planes that announce the endpoint have an address in no network of machines, from the first one on", async () => {
  for (const controlPlanes of [1, 3] as const) {
    const config = await nativeSettings({ controlPlanes, endpointBy: "bgp" });
    const { address, by } = config["kjerne:kubernetes"].endpoint;
    assert.deepEqual([address, by], ["10.78.7.10", "bgp"]);
  }
});

const isVirtual = (node: { hypervisor?: string }) => node.hypervisor !== undefined;

test("native nodes of a lab with a fabric name their card on it, and machines that the stack makes have none", async () => {
  const config = await nativeSettings({ kvmWorkers: 1, fabric: "yes" });
  const cards = config["kjerne:nodes"].map(
    ({ machine }: { machine?: { fabricInterface?: string } }) => machine?.fabricInterface,
  );
  assert.deepEqual(cards, ["fab0", undefined, "fab0"]);
  assert.deepEqual(config["kjerne:network"].fabric, { cidr: "10.99.0.0/16", namespaces: ["production"] });
  const without = await nativeSettings();
  assert.ok(!("fabric" in without["kjerne:network"]) && !JSON.stringify(without).includes("fabricInterface"));
});

test("emulated workers beside native nodes lie on the lab's hypervisor", async () => {
  const config = await nativeSettings({ kvmWorkers: 1 });
  const { name, role, hypervisor, address, memoryMiB, machine } = config["kjerne:nodes"].find(isVirtual);
  assert.deepEqual([name, role, hypervisor, address, machine], ["kvm1", "worker", "hv1", "10.77.7.31", undefined]);
  assert.ok(memoryMiB > 0);
  assert.equal(config["kjerne:hypervisors"].length, 1);
  assert.equal(config["kjerne:virtualisation"], "emulated");
});

test("nodes of another release of Debian install from the suite of its name, and images are of it", async () => {
  const config = await nativeSettings({ debian: "trixie" });
  assert.deepEqual(
    config["kjerne:supply"].packages.map(({ suite }: { suite: string }) => suite),
    ["trixie"],
  );
  assert.equal(config["kjerne:supply"].debian, "trixie");
});
