import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { parse } from "yaml";
import { withPlaceholders } from "../../review/change/placeholders";

const substitutes = {
  privateKeyFile: "/review/key",
  publicKeyFile: "/review/key.pub",
  archiveKeyFile: "/review/archive.asc",
  hostKey: "ssh-ed25519 AAAA",
  index: "/review/supply.json",
  manifests: new Map<string, string>(),
};

const settings = (text: string) => {
  const { text: placeheld, secrets } = withPlaceholders(text, substitutes);
  return { ...parse(placeheld), secrets };
};

test("a review removes the salt and encrypted values from the settings and lists the keys of the values", () => {
  const { config, encryptionsalt, secrets } = settings(`
encryptionsalt: v1:abc
config:
  kjerne:token: { secure: v1:cipher }
  kjerne:bgpPasswords:
    tor1: { secure: v1:cipher }
  kjerne:site: { name: oslo-1 }
`);
  assert.equal(encryptionsalt, undefined);
  assert.deepEqual(secrets, ["kjerne:bgpPasswords.tor1", "kjerne:token"]);
  assert.deepEqual(config["kjerne:site"], { name: "oslo-1" });
  assert.ok(!JSON.stringify(config).includes("cipher"));
});

test("a router with a BGP password gets a placeholder for it, and a router without gets none", () => {
  const { secrets } = settings(`
config:
  kjerne:network: { calico: { peers: [{ name: tor1 }, { name: tor2, authenticated: false }] } }
`);
  assert.deepEqual(secrets, ["kjerne:bgpPasswords.tor1"]);
});

test("authorities of a company are left out: a reviewer has none of these files", () => {
  const { config } = settings(`
config:
  kjerne:supply: { caFile: ~/ca.pem, packages: [] }
  kjerne:backup: { caFile: ~/ca.pem, everyMinutes: 60 }
`);
  assert.deepEqual([config["kjerne:supply"], config["kjerne:backup"]], [{ packages: [] }, { everyMinutes: 60 }]);
});

for (const stack of ["oslo", "lab"]) {
  test(`the settings of ${stack} with placeholders name no file in a home directory`, async () => {
    const text = await readFile(join(__dirname, `../../stacks/Pulumi.${stack}.yaml`), "utf8");
    const sum = parse(text).config["kjerne:network"].calico.manifestSha256;
    const manifests = new Map([[sum, "/review/calico.yaml"]]);
    const { text: placeheld } = withPlaceholders(text, { ...substitutes, manifests });
    assert.doesNotMatch(placeheld, /~\/|<lab>/);
  });
}

test("a supply index in the repository keeps its path", () => {
  const { config } = settings("config:\n  kjerne:supply: { index: stacks/supply.json, packages: [] }\n");
  assert.equal(config["kjerne:supply"].index, "stacks/supply.json");
});
