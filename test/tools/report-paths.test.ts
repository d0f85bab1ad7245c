import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { bottleneck } from "../../components/measure/bottleneck";
import type { Measured } from "../../components/measure/measured";
import { measuredPath, type PathOutput } from "../../components/measure/measured-path";
import { type PathInput, pathInput, serveInput } from "../../components/measure/path-input";
import { encapsulation, packetLoss, smallMtu } from "../../components/measure/rules-path";
import { sentScript } from "../../components/verify/send";
import { asRoot, rootCommand, run } from "../../tools/run";

/** Two nodes, each with a pod in a network namespace of its own, and between all of them a bridge: the network. */
const name = (what: string) => `kjerne-report-${process.pid}-${what}`;
const network = name("net");
const places = { cp1: "10.20.0.11", worker1: "10.20.0.21", "pod-cp1": "10.20.0.111", "pod-worker1": "10.20.0.121" };
type Place = keyof typeof places;

const directory = mkdtempSync(join(tmpdir(), "kjerne-report-"));
/** Says of the pod on a node what containerd would: that its network is a namespace here. */
const crictl = (pod: Place) => `#!/bin/bash
case $* in
  *inspectp*) echo '{"info": {"runtimeSpec": {"linux": {"namespaces": [{"type": "network", "path": "/run/netns/${name(pod)}"}]}}}}' ;;
  *) echo sandbox ;;
esac
`;

before(async () => {
  await asRoot("ip", "netns", "add", network);
  await asRoot("ip", "-n", network, "link", "add", "br0", "up", "type", "bridge");
  for (const [at, [place, address]] of Object.entries(places).entries()) {
    const own = name(place);
    await asRoot("ip", "netns", "add", own);
    await asRoot("ip", "-n", own, "link", "add", "eth0", "type", "veth", "peer", "name", `port${at}`, "netns", network);
    await asRoot("ip", "-n", network, "link", "set", `port${at}`, "up", "master", "br0");
    await asRoot("ip", "-n", own, "address", "add", `${address}/24`, "dev", "eth0");
    await asRoot("ip", "-n", own, "link", "set", "eth0", "up");
  }
  for (const node of ["cp1", "worker1"] as const) {
    writeFileSync(join(directory, `crictl-${node}`), crictl(`pod-${node}`), { mode: 0o755 });
  }
});
after(async () => {
  for (const place of [...Object.keys(places).map(name), network]) await asRoot("ip", "netns", "delete", place);
  rmSync(directory, { recursive: true });
});

/** Runs path.sh on a node, with its own crictl. */
async function onNode(node: "cp1" | "worker1", input: PathInput): Promise<string> {
  const script = `crictl() { "${join(directory, `crictl-${node}`)}" "$@"; }\n${await sentScript("report/path.sh")}`;
  const [program, ...args] = rootCommand(["ip", "netns", "exec", name(node), "bash", "-c", script, "path.sh"]);
  return run(program, args, { input: JSON.stringify(input) });
}

/** The path from one node to the other, judged by the rules about paths. */
async function judged(): Promise<{ path: Measured["paths"][number]; named: string[] }> {
  const whole = await pathInput(
    { from: places.cp1, to: places.worker1 },
    { from: places["pod-cp1"], to: places["pod-worker1"] },
    { mtu: 1500, servers: [] },
  );
  const input = { ...whole, rounds: 1, sendSeconds: 0.2, askSeconds: 20, seconds: 90 };
  const [, output] = await Promise.all([
    onNode("worker1", serveInput(input, "path-worker1")),
    onNode("cp1", { ...input, pod: "path-cp1" }),
  ]);
  const path = measuredPath("cp1", "worker1", { value: JSON.parse(output) as PathOutput });
  const measured = { nodes: [], paths: [path], wanted: { mtu: 1500 } } as unknown as Measured;
  return { path, named: bottleneck(measured, [encapsulation, smallMtu, packetLoss]).named.map(({ rule }) => rule) };
}

const inNetwork = (...argv: string[]) => asRoot("ip", "netns", "exec", network, ...argv);

test("a path is measured between nodes and between pods in turns, and the other end ends with it", async () => {
  const { path, named } = await judged();
  assert.deepEqual(named, []);
  assert.deepEqual(path.mtu, { value: 1500 });
  assert.equal(path.rounds.length, 1);
  for (const leg of [path.host, path.pod]) {
    assert.ok("value" in leg, JSON.stringify(leg));
    assert.equal(leg.value.roundTripMicroseconds.count, 1000);
    assert.equal(leg.value.throughputMbits.count, 2);
    assert.ok(leg.value.throughputMbits.least > 0);
    assert.equal(leg.value.retransmits, 0);
  }
});

test("a network that loses 2 % is named by the messages that were sent again", async () => {
  await inNetwork("nft", "add table bridge faulty { chain lossy { type filter hook forward priority 0; }; }");
  await inNetwork("nft", "add rule bridge faulty lossy ether type ip numgen random mod 100 < 2 drop");
  const { path, named } = await judged().finally(() => inNetwork("nft", "delete table bridge faulty"));
  assert.deepEqual(named, ["packet-loss"]);
  assert.deepEqual(path.mtu, { value: 1500 });
});

test("a link that takes 1,400 bytes is named by the packets that don't come back, and not taken for loss", async () => {
  await inNetwork("ip", "link", "set", "port1", "mtu", "1400");
  const { path, named } = await judged().finally(() => inNetwork("ip", "link", "set", "port1", "mtu", "1500"));
  assert.deepEqual(named, ["small-mtu"]);
  assert.deepEqual(path.mtu, { value: 1400 });
});
