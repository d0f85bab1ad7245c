import assert from "node:assert/strict";
import { test } from "node:test";
import { settingsIn } from "../../stacks/settings-file";
import { settingsText } from "../../tools/new/document";
import type { MachineFacts, SeenMachine } from "../../tools/new/facts";
import { planOf } from "../../tools/new/plan";
import { decide } from "../../tools/new/settings";
import { repositoriesIn } from "../../tools/new/supply";
import { answers, seen } from "./new-samples";

const given = {
  ...answers,
  HYPERVISORS: "root@203.0.113.1 root@203.0.113.2",
  NODE_ADDRESSES: "10.20.0.31 10.20.0.32, 10.20.0.33 10.20.0.41",
  TIME: "ntp.justervesenet.no",
};

/** A hypervisor whose bridge has the address in 10.20.0.0/24. */
function hypervisor(number: number, changed: Partial<MachineFacts> = {}): SeenMachine {
  const { machine, facts } = seen(number, { name: `hv${number}`, bridges: ["br0"], cpus: 16, availableMiB: 63_000 });
  const addresses = facts.addresses.map((one) => (one.link === "eth1" ? { ...one, link: "br0" } : one));
  return { machine: { ...machine, user: "root" }, facts: { ...facts, addresses, ...changed } };
}

function settingsFor(machines: readonly SeenMachine[], changed: Readonly<Record<string, string>> = {}) {
  const all = { ...given, ...changed };
  const manifest = { place: "calico.yaml", sha256: "2".repeat(64) };
  const repositories = repositoriesIn(all, "bookworm", (of) => `stacks/${of}.asc`);
  return settingsIn(settingsText(decide(all, machines, planOf(all, machines), { manifest, repositories })), "test");
}

test("nodes are made in turn on each hypervisor, at the addresses that were named, and share what it has", () => {
  const { hypervisors, nodes, kubernetes, network } = settingsFor([hypervisor(1), hypervisor(2)]);
  assert.deepEqual(
    hypervisors.map(({ name, address, user, bridge }) => [name, address, user, bridge]),
    [
      ["hv1", "203.0.113.1", "root", "br0"],
      ["hv2", "203.0.113.2", "root", "br0"],
    ],
  );
  assert.deepEqual(
    nodes.map((node) => "hypervisor" in node && [node.name, node.hypervisor, node.address, node.cpus, node.memoryMiB]),
    [
      ["cp1", "hv1", "10.20.0.31", 8, 29_696],
      ["cp2", "hv2", "10.20.0.32", 8, 29_696],
      ["cp3", "hv1", "10.20.0.33", 8, 29_696],
      ["worker1", "hv2", "10.20.0.41", 8, 29_696],
    ],
  );
  assert.deepEqual([kubernetes.endpoint.by, kubernetes.proxy.mode], ["vrrp", "ipvs"]);
  assert.deepEqual([network.nodeCidr, network.timeServers], ["10.20.0.0/24", ["ntp.justervesenet.no"]]);
});

test("nodes that a hypervisor is too small for are refused", () => {
  assert.throws(() => settingsFor([hypervisor(1, { availableMiB: 9000 })]), /memoryMiB|memory/);
});

test("a fresh hypervisor is prepared, and gets a bridge where the card with its address is", () => {
  const fresh = (number: number) => {
    const { machine, facts } = hypervisor(number, { bridges: [] });
    const [, second] = facts.addresses;
    const addresses = [{ ...second, link: "eth0" }] as MachineFacts["addresses"];
    return { machine: { ...machine, address: second?.address as string }, facts: { ...facts, addresses } };
  };
  const { hypervisors, network } = settingsFor([fresh(1), fresh(2)]);
  assert.deepEqual(
    hypervisors.map(({ address, bridge, prepare }) => [address, bridge, prepare]),
    [
      ["10.20.0.11", "br0", true],
      ["10.20.0.12", "br0", true],
    ],
  );
  assert.equal(network.nodeCidr, "10.20.0.0/24");
  assert.equal(settingsFor([fresh(1)], { BRIDGE: "nodes" }).hypervisors[0]?.bridge, "nodes");
  assert.equal(settingsFor([hypervisor(1, { codename: "noble" })]).hypervisors[0]?.prepare, false);
  const docker = fresh(1);
  const beside = { ...docker, facts: { ...docker.facts, bridges: ["docker0"] } };
  assert.equal(settingsFor([beside], { BRIDGE: "br0" }).hypervisors[0]?.bridge, "br0");
});

test("a hypervisor that gets no bridge, with two of which nobody chose, or at another port is refused with the way out", () => {
  const none = hypervisor(1, { bridges: [], codename: "noble" });
  const two = hypervisor(2, { bridges: ["br0", "docker0"] });
  const other = { ...hypervisor(3), machine: { ...hypervisor(3).machine, port: 2222 } };
  assert.throws(
    () => planOf(given, [none, two, other]),
    ({ message }: Error) => {
      assert.match(message, /debian@203\.0\.113\.1: BRIDGE has to name a bridge of it, and it has none; make one/);
      assert.match(message, /debian@203\.0\.113\.2: BRIDGE .* it has br0, docker0/);
      assert.match(message, /debian@203\.0\.113\.3: hypervisors are reached at port 22/);
      return true;
    },
  );
  assert.equal(settingsFor([two], { BRIDGE: "br0" }).hypervisors[0]?.bridge, "br0");
});
