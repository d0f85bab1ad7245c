import assert from "node:assert/strict";
import { test } from "node:test";
import { type Config, problems } from "./environments";
import { publicKeyOf } from "./key-samples";

const fabric = { cidr: "10.99.0.0/16", namespaces: ["production"] };

/** The oslo example with a rented worker that has a card on the fabric. */
function withCard(config: Config, more: object = {}, card: unknown = "fab0"): void {
  config.network.fabric = { ...fabric, ...more };
  const machine = { hostKey: publicKeyOf("rented1"), fabricInterface: card };
  config.nodes.push({ name: "rented1", role: "worker", address: "10.20.0.44", machine });
}

const wrong: readonly [what: string, change: (config: Config) => void, message: RegExp][] = [
  [
    "a range with fewer addresses than pods may be on a node",
    (all) => withCard(all, { cidr: "10.99.0.0/21" }),
    /^network\.fabric\.cidr 10\.99\.0\.0\/21 has no 16 addresses for each address of network\.nodeCidr 10\.20\.0\.0\/24.*; choose a prefix of \/20 or shorter$/m,
  ],
  [
    "addresses that pods have on the pod network",
    (all) => withCard(all, { cidr: "10.244.0.0/16" }),
    /^network\.fabric\.cidr 10\.244\.0\.0\/16 overlaps network\.podCidr 10\.244\.0\.0\/16; choose disjoint networks$/m,
  ],
  [
    "addresses that nodes have",
    (all) => withCard(all, { cidr: "10.16.0.0/12" }),
    /network\.fabric\.cidr 10\.16\.0\.0\/12 overlaps network\.nodeCidr 10\.20\.0\.0\/24/,
  ],
  [
    "addresses that Services have",
    (all) => withCard(all, { cidr: "10.96.0.0/12" }),
    /network\.fabric\.cidr 10\.96\.0\.0\/12 overlaps network\.serviceCidr/,
  ],
  ["an MTU that no Ethernet has", (all) => withCard(all, { mtu: 65520 }), /network\.fabric\.mtu \(65520\): Too big/],
  [
    "nobody who may use it",
    (all) => withCard(all, { namespaces: [] }),
    /fabric\.namespaces: is empty; name at least one/,
  ],
  [
    "what is no namespace",
    (all) => withCard(all, { namespaces: ["HPC"] }),
    /fabric\.namespaces\[0\] \(HPC\): is not a namespace/,
  ],
  [
    "a path in the place of a card",
    (all) => withCard(all, {}, "../eth0"),
    /machine\.fabricInterface \(\.\.\/eth0\): is not the name of a network card/,
  ],
  [
    "a fabric on which no node has a card",
    (all) => (all.network.fabric = fabric),
    /^network\.fabric is there and no node has a card on it; name it as machine\.fabricInterface.*give hypervisors whose workers shall have one a fabricBridge/m,
  ],
  [
    "a bridge into the fabric where only control planes lie",
    (all) => {
      all.network.fabric = fabric;
      for (const node of all.nodes) if (node.hypervisor === "hv1") node.role = "control-plane";
      all.hypervisors[0].fabricBridge = "fabric";
    },
    /^network\.fabric is there and no node has a card on it/m,
  ],
  [
    "a bridge into a fabric that is not there",
    (all) => (all.hypervisors[1].fabricBridge = "fabric"),
    /^hypervisors: hv2 has fabricBridge fabric and there is no network\.fabric; give that its cidr/m,
  ],
  [
    "a kind that there is none of",
    (all) => withCard(all, { kind: "bridge" }),
    /^network\.fabric\.kind \(bridge\): .*macvlan.*ipvlan.*host-device.*sr-iov/m,
  ],
  [
    "virtual functions of cards that have none",
    (all) => {
      withCard(all, { kind: "sr-iov" });
      all.hypervisors[0].fabricBridge = "fabric";
    },
    /^hypervisors: hv1 has fabricBridge fabric and network\.fabric\.kind is sr-iov, .*; leave the bridge out, or choose another kind$/m,
  ],
  [
    "one bridge for nodes and fabric",
    (all) => {
      all.network.fabric = fabric;
      all.hypervisors[0].fabricBridge = "br0";
    },
    /^hypervisors: hv1 has br0 as bridge and as fabricBridge, .*; give the fabric a bridge of its own/m,
  ],
  [
    "a card of a machine that kjerne makes, which has no second one",
    (all) => {
      withCard(all);
      all.nodes[0].fabricInterface = "fab0";
    },
    /nodes\[0\]: Unrecognized key: "fabricInterface"; remove it/,
  ],
  [
    "a card without a fabric",
    (all) => {
      withCard(all);
      delete all.network.fabric;
    },
    /^nodes: rented1 has machine\.fabricInterface fab0 and there is no network\.fabric; give that its cidr and the namespaces/m,
  ],
];

for (const [what, change, message] of wrong) {
  test(`a fabric with ${what} is refused`, async () => {
    const found = await problems(change);
    assert.match(found.join("\n"), message);
    assert.ok(found.length <= 2, found.join("\n"));
  });
}

test("a fabric on which one node has a card is taken, of any kind, any MTU from 1280 to 9216 and any size with 16 addresses for each node", async () => {
  for (const more of [
    {},
    { mtu: 1280 },
    { mtu: 9216 },
    { cidr: "10.99.0.0/20" },
    { cidr: "11.0.0.0/8" },
    { kind: "ipvlan" },
    { kind: "host-device" },
    { kind: "sr-iov" },
  ])
    assert.deepEqual(await problems((config) => withCard(config, more)), [], JSON.stringify(more));
});
