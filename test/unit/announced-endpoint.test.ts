import assert from "node:assert/strict";
import { test } from "node:test";
import { endpointAnnounced } from "../../components/verify/endpoint-check";
import { announcedEndpointFiles } from "../../node-config/announced-endpoint";
import { commandsAfterWriting } from "../../node-config/restarts";
import { vrrpFiles } from "../../node-config/vrrp";
import { type Config, problems } from "./environments";
import { assertGoldenFiles } from "./golden-files";
import { partsOf } from "./whole-cluster";

const endpoint = "10.99.0.1";
const announce = (config: Config) => Object.assign(config.kubernetes.endpoint, { address: endpoint, by: "bgp" });

test("a control plane that announces the endpoint's address gets exactly the reviewed files, none of keepalived's", () => {
  const files = announcedEndpointFiles(endpoint);
  assertGoldenFiles(
    "announced-endpoint-cp1",
    Object.fromEntries(Object.entries(files).map(([path, { content }]) => [path, content])),
  );
  const commands = commandsAfterWriting(files).map(({ command }) => command);
  assert.ok(commands.some((command) => /systemctl restart kjerne-endpoint/.test(command)));
  assert.ok(!commands.some((command) => /keepalived/.test(command)), "no machine has it");
  const inTurn = commandsAfterWriting(vrrpFiles({ endpoint, address: "10.20.0.31", controlPlanes: [] }));
  assert.ok(!inTurn.some(({ command }) => /kjerne-endpoint/.test(command)));
});

test("it needs a router, and each control plane one of its own", async () => {
  const alone = await problems((config) => {
    announce(config);
    config.network.calico.peers = [];
  });
  assert.match(alone.join("\n"), /endpoint\.by is bgp, and network\.calico\.peers is empty: .*choose by: vrrp/);
  const elsewhere = await problems((config) => {
    announce(config);
    config.network.calico.racks = [{ name: "b", asNumber: 64602, nodes: ["cp3", "worker3"] }];
    for (const peer of config.network.calico.peers) peer.rack = "b";
  });
  assert.deepEqual(
    elsewhere.map((problem) => /and (\w+) has a session with none of network\.calico\.peers/.exec(problem)?.[1]),
    ["cp1", "cp2"],
  );
});

test("it is in no network of pods' second interfaces or of Services", async () => {
  const found = await problems((config) => {
    announce(config);
    config.network.loadBalancerCidrs = ["10.99.0.0/24"];
  });
  assert.match(found.join("\n"), /address is 10\.99\.0\.1, inside network\.loadBalancerCidrs 10\.99\.0\.0\/24;/);
});

test("routers are told by control planes that have it, pods reach nothing else there, and workers get no file of it", async () => {
  const parts = await partsOf(announce);
  const inputs = (name: string) => [...parts].find(([key]) => key.endsWith(` ${name}`))?.[1].inputs ?? "";
  const { exportV4 } = JSON.parse(inputs("oslo-calico-bgpfilter-kjerne-pod-routes-only")).spec;
  assert.deepEqual(exportV4.slice(0, 2), [
    { cidr: "10.99.0.1/32", matchOperator: "In", source: "RemotePeers", action: "Reject" },
    { cidr: "10.99.0.1/32", matchOperator: "In", action: "Accept" },
  ]);
  const written = [...parts].filter(([key]) => /^kjerne-drift:index:NodeFiles .*-(files|control-plane)$/.test(key));
  const having = (text: string) =>
    written.filter(([, { inputs }]) => inputs.includes(text)).map(([key]) => key.split(" ")[1]);
  const nodes = ["cp1", "cp2", "cp3", "rented1", "worker1"];
  assert.deepEqual(
    having("define endpoint = { 10.99.0.1 }").sort(),
    nodes.map((name) => `${name}-base-files`),
  );
  assert.deepEqual(having("/usr/local/sbin/kjerne-announce-endpoint").sort(), [
    "cp1-control-plane",
    "cp2-control-plane",
    "cp3-control-plane",
  ]);
});

const cp = (node: string, addresses: readonly string[], told: readonly string[]) => ({
  node,
  routers: ["10.20.0.2", "10.20.0.3"],
  links: { value: [{ name: "lo", mtu: 65536, isUp: true, kind: "loopback", addresses }] },
  announced: { value: Object.fromEntries(told.map((router) => [router, [`${endpoint}/32`, "10.244.1.0/26"]])) },
});
const both = ["10.20.0.2", "10.20.0.3"];

test("endpoint-announced passes where each control plane has the address and tells each router, and names the rest", () => {
  const all = endpointAnnounced(endpoint, [cp("cp1", [endpoint], both), cp("cp2", [endpoint], both)]);
  assert.deepEqual([all.passed, all.found], [true, "cp1, cp2 have it"]);
  const some = endpointAnnounced(endpoint, [
    cp("cp1", ["127.0.0.1"], both),
    cp("cp2", [endpoint], ["10.20.0.2"]),
    { ...cp("cp3", [endpoint], both), announced: { unreadable: "no socket" } },
  ]);
  assert.equal(some.passed, false);
  assert.equal(
    some.found,
    "cp2 has it; cp1 does not have it; cp2 does not tell 10.20.0.3; cp3 is unreadable: no socket",
  );
  assert.equal(endpointAnnounced(endpoint, [cp("cp1", [], [])]).found, "cp1 does not have it");
});
