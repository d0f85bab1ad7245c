import assert from "node:assert/strict";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import { loadSettings } from "../../stacks/settings";
import { manifest } from "./calico-samples";
import { config, directory, problems, read } from "./environments";
import { index, operatorKey } from "./key-samples";

test("a file that settings name is read, with ~ as the home directory", async () => {
  process.env.HOME = directory;
  const { files } = await read("oslo", (c) => {
    c.ssh.publicKeyFile = "~/key.pub";
  });
  assert.equal(files.publicKey, `${operatorKey.publicKey} operator\n`);
  assert.deepEqual(files.index, index);
  assert.equal(files.calico, manifest);
});

test("mistakes of every kind are in one message", async () => {
  const found = await problems(
    (c) => {
      // One shape wrong in each section: checks of the others must not wait for it.
      c.site.country = "Norway";
      c.network.mtu = 100;
      c.nodes[3].rootGiB = "big";
      delete c.kubernetes.probeImage;
      c.network.podCidr = "10.20.0.0/16";
      c.nodes[1].name = "cp1";
      c.kubernetes.proxy = { mode: "nftables" };
      c.defaultDeny.push({ namespace: "calico-system" });
      c.ssh = { privateKeyFile: "none/key", publicKeyFile: "none/key.pub" };
      c.supply.index = "none/supply.json";
      c.supply.packages[0].signedByFile = "none/apt.asc";
      c.network.calico.manifest = "none/calico.yaml";
    },
    { tor1: "hunter2" },
  );
  const expected = [
    /^site\.country \(Norway\): is not an ISO 3166-1 country code/,
    /^nodes\[3\]\.rootGiB \(big\): /,
    /^network\.mtu \(100\): /,
    /^kubernetes\.probeImage: is missing$/,
    /^defaultDeny\[1\]\.namespace \(calico-system\): .*; remove the entry/,
    /^cp1 is the name of two machines/,
    /^network\.nodeCidr 10\.20\.0\.0\/24 overlaps network\.podCidr 10\.20\.0\.0\/16; choose disjoint/,
    /^kubernetes\.proxy\.mode: kube-proxy mode nftables needs Calico 3\.31 or later, not 3\.28\.5; choose/,
    /^network\.calico\.manifest \(none\/calico\.yaml\): there is no such file; name Calico's calico\.yaml/,
    /^ssh\.privateKeyFile \(none\/key\): there is no such file; make a key pair with `ssh-keygen/,
    /^ssh\.publicKeyFile \(none\/key\.pub\): there is no such file; write it with `ssh-keygen -y/,
    /^supply\.index \(none\/supply\.json\): there is no such file; name the supply\.json/,
    /^supply\.packages\[0\]\.signedByFile \(none\/apt\.asc\): there is no such file; write the key .* `gpg --armor/,
    /^bgpPasswords\.tor2 is not set: .* run `pulumi config set --secret --path kjerne:bgpPasswords\.tor2`/,
  ];
  assert.equal(found.length, expected.length, found.join("\n"));
  expected.forEach((message, at) => {
    assert.match(found[at] as string, message);
  });
});

test("a file that is there and not what it should be is refused with its name", async () => {
  writeFileSync(join(directory, "list.json"), '["kubelet"]');
  const found = await problems((c) => {
    c.supply.index = join(directory, "list.json");
    c.supply.packages[0].signedByFile = directory;
    c.network.calico.manifestSha256 = "0".repeat(64);
  });
  assert.equal(found.length, 3, found.join("\n"));
  assert.match(found.join("\n"), /network\.calico\.manifest .* has SHA-256 [0-9a-f]{64}, the settings say 0{64}/);
  assert.match(found.join("\n"), /supply\.index \(.*list\.json\): is not the index of a supply; name a supply\.json/);
  assert.match(found.join("\n"), /supply\.packages\[0\]\.signedByFile .*: this is a directory; write the key/);
});

test("a manifest that cannot be downloaded is refused with the reason and the way out", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  const download = async (address: string) => {
    const found = await problems((c) => {
      c.network.calico.manifest = `${address}/calico.yaml`;
    });
    return found.join("\n");
  };
  assert.match(await download(`http://127.0.0.1:${port}`), /^network\.calico\.manifest .*ECONNREFUSED.*; name Calico/);
  assert.match(
    await download("http://[nowhere]"),
    /^network\.calico\.manifest .*Invalid URL; name Calico's calico\.yaml/,
  );
});

test("a router without authentication needs no password", async () => {
  const change = (c: ReturnType<typeof config>) => {
    c.network.calico.peers[1].authenticated = false;
  };
  assert.deepEqual(await problems(change, { tor1: "hunter2" }), []);
});

test("a router without a password in the stack is named, and no password is printed", async () => {
  const load = (passwords: string) => {
    // As the engine passes them: strings as they are, the rest as JSON.
    const text = (value: unknown) => (typeof value === "string" ? value : JSON.stringify(value));
    const settings = Object.entries(config("oslo")).map(([key, value]) => [`kjerne:${key}`, text(value)]);
    pulumi.runtime.setAllConfig({ ...Object.fromEntries(settings), "kjerne:bgpPasswords": passwords });
    return loadSettings();
  };
  pulumi.runtime.setMocks({ newResource: () => ({ id: "", state: {} }), call: () => ({}) }, "kjerne", "oslo");
  assert.equal((await load('{ "tor1": "hunter2", "tor2": "hunter3" }')).settings.site.name, "oslo-1");
  for (const passwords of ['{ "tor1": "hunter2", "tor2": "" }', "hunter2"]) {
    await assert.rejects(load(passwords), (error: Error) => {
      assert.match(error.message, /^stacks\/Pulumi\.oslo\.yaml needs \d changes?:\n/);
      assert.match(error.message, /bgpPasswords\.tor2 is not set.*pulumi config set --secret/);
      assert.doesNotMatch(error.message, /hunter/);
      return true;
    });
  }
});
