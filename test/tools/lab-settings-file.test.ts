import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { parse } from "yaml";
import { ensureKeys } from "../../tools/lab/keys";
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

const write = () => writeLabSettings(lab, labAddresses(7), "/supply");

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
