import assert from "node:assert/strict";
import { test } from "node:test";
import { cloudInit } from "../../components/node/cloud-init";
import type { MachineIdentity } from "../../node-config/system-files";
import { assertGolden } from "./golden";

const cp1: MachineIdentity = {
  name: "cp1",
  address: "10.20.0.31",
  prefixLength: 24,
  gateway: "10.20.0.1",
  nameservers: ["10.20.0.2", "10.20.0.3"],
  timeServers: ["ntp.example.no"],
  mtu: 9000,
  authorizedKeys: "ssh-ed25519 AAAAexample operator\n",
};

const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;

test("cloud-init gives a node its name, address, DNS and time servers and SSH key", () => {
  const { userData, networkConfig } = cloudInit(cp1);
  assertGolden("cloud-init/user-data.json", json(userData));
  assertGolden("cloud-init/network-config.json", json(networkConfig));
});

test("a node may be named no, which YAML would read as a boolean", () => {
  const { userData } = cloudInit({ ...cp1, name: "no", nameservers: [], timeServers: [] });
  assert.equal((userData as { hostname: unknown }).hostname, "no");
});

test("a node without name servers gets an empty resolv.conf, which containers can read", () => {
  const { userData } = cloudInit({ ...cp1, nameservers: [] });
  const files = (userData as { write_files: { path: string; content: string }[] }).write_files;
  assert.equal(files.find(({ path }) => path === "/etc/resolv.conf")?.content, "");
});
