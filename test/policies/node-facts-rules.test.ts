import assert from "node:assert/strict";
import { test } from "node:test";
import { foreseenCommands, sshHostKey } from "../../policies/hardening/ssh";
import { addressesOf, isExistingMachine, isNode } from "../../policies/nodes";
import { declaredMachines } from "../../policies/residency/machines";
import { isViolation } from "../../policies/rule";
import { asResources, find, states, unknownValue } from "./described";
import { command, hostKey } from "./hardening-programs";
import { defaults as hardening } from "./hardening-rules";
import type { Described } from "./programs/resources";
import { complaints, defaults as residency } from "./residency-complaints";
import { inOslo } from "./residency-programs";

const site = { country: "NO", city: "Oslo" };
const address = "10.20.0.41";
const foreign = "acme:machines:RentedServer";

const resources: readonly [what: string, type: string, properties: object, isNode: boolean][] = [
  ["of a foreign type with site and address", foreign, { site, address }, true],
  ["whose site is not known yet", foreign, { site: unknownValue, address }, true],
  ["whose address is not known yet", foreign, { site, address: unknownValue }, true],
  ["whose site is null", foreign, { site: null, address }, true],
  ["whose site is a text", foreign, { site: "oslo-1", address }, true],
  ["with an address and the way in by SSH, but no site", foreign, { address, machine: { hostKey } }, true],
  ["with an address and the role control-plane, but no site", foreign, { address, role: "control-plane" }, true],
  ["with an address and the role worker, but no site", foreign, { address, role: "worker" }, true],
  ["with a site that names a country, but no address", foreign, { site }, true],
  ["of type KvmNode that says nothing", "kjerne:node:KvmNode", {}, true],
  ["of type ExistingMachine that says nothing", "kjerne:node:ExistingMachine", {}, true],
  ["that takes the cluster's type, with site and address", "kjerne:cluster:Cluster", { site, address }, true],
  ["that is a cluster", "kjerne:cluster:Cluster", { site }, false],
  ["that is a hypervisor", "kjerne:hypervisor:Hypervisor", { address, hostKey, user: "root" }, false],
  ["that is a script on a node", "kjerne:node:NodeScript", { script: "a.sh", commandLine: "bash a.sh" }, false],
  ["with an address and another role", "acme:network:Reservation", { address, role: "gateway" }, false],
  ["with an address only", "acme:network:Reservation", { address }, false],
  ["with a site that is no place", "unifi:index:Network", { site: "default" }, false],
  ["with a site without a country", "acme:web:Page", { site: { url: "https://eksempel.no" } }, false],
  ["with a site not known yet and no address", "unifi:index:Network", { site: unknownValue }, false],
  ["with a machine but no address", "acme:disks:Disk", { machine: "m1" }, false],
];
const described = (type: string, properties: object): Described => ({ type, name: "n", properties: { ...properties } });

for (const [what, type, properties, expected] of resources) {
  test(`a resource ${what} is ${expected ? "a node" : "no node"}`, () => {
    assert.deepEqual(asResources([described(type, properties)]).map(isNode), [expected]);
  });
}

test("a node of any type that leaves out its site violates every rule that needs one", () => {
  for (const type of ["kjerne:node:KvmNode", "kjerne:node:ExistingMachine", foreign]) {
    const said = complaints([...inOslo, described(type, { address, role: "worker" })]);
    const violated = [...new Set(said.match(/^RES-\d+/gm))].sort();
    assert.deepEqual(violated, ["RES-01", "RES-03", "RES-04", "RES-07", "RES-28"], type);
    assert.match(said, /n, site\.country: unverifiable; allowed: NO\. It is missing/);
  }
});

test("RES-02 accepts both addresses of a machine that was there before", () => {
  const machine = described(foreign, { site, address, machine: { address: "192.0.2.7", hostKey } });
  assert.deepEqual(asResources([machine]).map(addressesOf), [[address, "192.0.2.7"]]);
  for (const [host, state] of [
    [address, "shown"],
    ["192.0.2.7", "shown"],
    ["192.0.2.8", "violated"],
  ]) {
    const reached = command("c", { connection: { host, hostKey } });
    assert.deepEqual(states(find(declaredMachines, [machine, reached], residency)), [state], host);
  }
});

test("RES-02 refuses a node of a cluster about which no resource says where it is", () => {
  const cluster = (...addresses: unknown[]) => ({
    ...{ type: "kjerne:verify:Verification", name: "verification" },
    properties: { wanted: { nodes: addresses.map((one) => ({ name: "n", role: "worker", address: one })) } },
  });
  const known = described(foreign, { site, address });
  const found = (...program: Described[]) =>
    find(declaredMachines, program, residency)
      .filter(isViolation)
      .map(({ field, state, read }) => `${field} ${state} ${read}`);
  assert.deepEqual(found(known, cluster(address)), []);
  assert.deepEqual(found(known, cluster(address, "10.20.0.42")), ["wanted.nodes[1].address violated 10.20.0.42"]);
  assert.deepEqual(found(cluster(address)), [`wanted.nodes[0].address violated ${address}`]);
  assert.deepEqual(found(cluster(unknownValue)), ["wanted.nodes[0].address unverifiable undefined"]);
});

const rsa = `ssh-rsa ${Buffer.from("\0\0\0\x07ssh-rsa-and-more").toString("base64")}`;
const machines: readonly [what: string, type: string, properties: object, state: string | undefined][] = [
  ["that pins an ed25519 key", foreign, { site, address, machine: { hostKey } }, "shown"],
  ["that pins an RSA key", foreign, { site, address, machine: { hostKey: rsa } }, "violated"],
  ["that pins no key", foreign, { site, address, machine: { user: "root" } }, "violated"],
  ["whose key is not known yet", foreign, { site, address, machine: { hostKey: unknownValue } }, "unverifiable"],
  ["about which nothing is known yet", foreign, { site, address, machine: unknownValue }, "unverifiable"],
  ["of type ExistingMachine that pins no key", "kjerne:node:ExistingMachine", { site, address }, "violated"],
  ["that kjerne makes together with its key", "kjerne:node:KvmNode", { site, address }, undefined],
];
for (const [what, type, properties, state] of machines) {
  test(`a node ${what} ${state ? `is ${state}` : "is not judged"} for SEC-01, and says as much to SEC-02`, () => {
    const node = described(type, properties);
    const late = command("late", { connection: unknownValue }, { parent: "n" });
    assert.deepEqual(asResources([node]).map(isExistingMachine), [state !== undefined]);
    assert.deepEqual(states(find(sshHostKey, [node], hardening)), state ? [state] : []);
    assert.deepEqual(states(find(foreseenCommands, [node, late], hardening)), [
      state === "shown" ? "shown" : "unverifiable",
    ]);
  });
}

test("SEC-02 goes by the nearest statement about host keys, and looks past nodes of any type", () => {
  const cluster: Described = {
    ...{ type: "kjerne:cluster:Cluster", name: "cluster" },
    properties: { site, sshHostKeys: { algorithm: "ssh-ed25519", readFrom: "the hypervisor" } },
  };
  const inside = (properties: object): Described => ({ ...described(foreign, properties), parent: "cluster" });
  const late = command("late", { connection: unknownValue }, { parent: "n" });
  const found = (node: Described) => states(find(foreseenCommands, [cluster, node, late], hardening));
  assert.deepEqual(found(inside({ site, address })), ["shown"]);
  assert.deepEqual(found(inside({ site, address, machine: { hostKey: rsa } })), ["unverifiable"]);
  assert.deepEqual(found(inside({ site, address, sshHostKeys: {} })), ["unverifiable"]);
  assert.deepEqual(found(inside({ site, address, sshHostKeys: "ed25519" })), ["unverifiable"]);
});

test("a remote command that calls itself a node still has its connection judged by SEC-01", () => {
  const posing = command("c", { connection: { host: address }, site, address, machine: { hostKey } });
  assert.deepEqual(
    find(sshHostKey, [posing], hardening)
      .filter(isViolation)
      .map(({ field }) => field),
    ["connection.hostKey"],
  );
});
