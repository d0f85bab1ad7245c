import assert from "node:assert/strict";
import { test } from "node:test";
import { fabricFiles, fabricKinds, fabricPlugin } from "../../node-config/fabric";
import { commandsAfterWriting } from "../../node-config/restarts";
import { addressOf, numberOf } from "../../node-config/values/addresses";
import { fabricRange } from "../../node-config/values/fabric";
import { assertGolden } from "./golden";
import { assertGoldenFiles } from "./golden-files";

const range = fabricRange("10.99.0.0/16", "10.20.0.0/24", "10.20.0.41");

test("a node with a card on the fabric gets exactly the reviewed files, and its containerd restarts", () => {
  const files = fabricFiles({ interface: "fab0", kind: "macvlan", cidr: "10.99.0.0/16", mtu: 9000, range });
  assertGoldenFiles("fabric", Object.fromEntries(Object.entries(files).map(([path, { content }]) => [path, content])));
  assert.equal(files["/usr/local/sbin/kjerne-fabric-networks"]?.mode, "0755");
  const commands = commandsAfterWriting(files).map(({ command }) => command);
  const at = (words: RegExp) => commands.findIndex((command) => words.test(command));
  assert.ok(at(/daemon-reload/) < at(/restart containerd/) && at(/restart containerd/) < at(/restart kjerne-fabric;/));
});

test("pods share the card, or have it or a function of it for themselves, with the fabric's MTU in each case", () => {
  const made = fabricKinds.map((kind) => {
    const files = fabricFiles({ interface: "fab0", kind, cidr: "10.99.0.0/16", mtu: 9000, range });
    return [kind, JSON.parse(files["/etc/kjerne/fabric/20-kjerne-fabric.conflist"]?.content ?? "").plugins] as const;
  });
  assertGolden("fabric-kinds.json", `${JSON.stringify(Object.fromEntries(made), null, 2)}\n`);
  for (const [kind, [{ type, ipam }]] of made) {
    assert.equal(type, fabricPlugin(kind));
    assert.equal(ipam.dataDir, "/run/kjerne-fabric");
  }
});

test("the range of a node follows from its own address alone, and those of all addresses of the node network fill the fabric", () => {
  assert.deepEqual(range, ["10.99.41.0", "10.99.41.255"]);
  for (const [cidr, nodeCidr] of [
    ["10.99.0.0/16", "10.20.0.0/24"],
    ["10.128.0.0/9", "10.20.0.0/22"],
    ["172.16.0.0/20", "10.20.0.128/25"],
  ] as const) {
    const [first, last] = fabricRange(cidr, nodeCidr, nodeCidr.split("/")[0] as string);
    let next = numberOf(first);
    const size = numberOf(last) - next + 1;
    for (let node = 0; node < 2 ** (32 - Number(nodeCidr.split("/")[1])); node++) {
      const address = addressOf(numberOf(nodeCidr.split("/")[0] as string) + node);
      const [from, to] = fabricRange(cidr, nodeCidr, address).map(numberOf) as [number, number];
      assert.deepEqual([from, to], [next, next + size - 1], `${cidr} ${address}`);
      next = to + 1;
    }
    assert.equal(next - numberOf(first), 2 ** (32 - Number(cidr.split("/")[1])), cidr);
  }
});
