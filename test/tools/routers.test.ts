import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { untilSucceeds } from "../../tools/lab/until";
import { asRoot } from "../../tools/run";
import { password, router, routerFacts } from "./routers/router";
import { Segment, viaOf as via } from "./routers/segment";
import { bird, frr, type Kind, type Speaker } from "./routers/speakers";

const nodes = [
  { name: "worker-1", address: "10.20.0.41", role: "worker" },
  { name: "worker2.b", address: "10.20.0.42", role: "worker" },
  { name: "worker3", address: "10.20.0.43", role: "worker" },
];
/** The third node has another password. */
const peers = ["10.20.0.41", "10.20.0.42"];
const racks = [{ name: "b", asNumber: 64602, nodes: ["worker2.b"] }];

/** Addresses of Services, which nodes of both autonomous systems announce. */
const services = "10.80.0.0/24";
/** What a node may not announce: everything, a network of others, more than its block, a way through a stranger. */
const forbidden = ["0.0.0.0/0", "192.0.2.0/24", "10.244.0.0/16"];
const strangers = { "10.244.99.0/26": "10.20.0.99" };
/** The second node's block, which the first one passes on. */
const passedOn = { "10.244.42.0/26": "10.20.0.42" };
/** Nodes are told of one by its interface and of one by a route; of what else the router has, nothing. */
const accept = ["10.60.0.0/16", "10.61.0.0/16"];

const pairs: readonly [string, Kind, string, Kind][] = [
  ["BIRD", bird, "FRR", frr],
  ["FRR", frr, "BIRD", bird],
];
const cases = pairs.flatMap((pair) => [true, false].map((keeps) => [...pair, keeps] as const));
for (const [at, [routerKind, asRouter, nodeKind, asNode, keepOriginalNextHop]] of cases.entries()) {
  const others = keepOriginalNextHop
    ? "who keep the next hop of routes that they pass on"
    : "who lead to themselves alone";
  describe(`a router with the configuration for ${routerKind}, and nodes that speak ${nodeKind} ${others}`, () => {
    const segment = new Segment(`kjr${process.pid}${at}`);
    let speaker: Speaker;
    let played: Speaker[];

    before(async () => {
      const passed = keepOriginalNextHop ? passedOn : {};
      const peer = { ...router, accept, keepOriginalNextHop, gracefulRestartSeconds: 300 };
      const facts = routerFacts(nodes, { address: "10.20.0.41" }, [services], { racks, peers: [peer] });
      const place = await segment.add("tor1", "10.20.0.3/24");
      const inside = (...command: string[]) => asRoot("ip", "-n", place.namespace, ...command);
      await inside("link", "add", "behind", "type", "bridge");
      await inside("address", "add", "10.60.0.1/16", "dev", "behind");
      await inside("link", "set", "behind", "up");
      for (const net of ["10.61.0.0/16", "203.0.113.0/24", "default"])
        await inside("route", "add", net, "via", "10.60.0.2");
      speaker = await asRouter.router(place, facts, password);
      played = [];
      for (const [index, { address, asNumber }] of facts.nodes.entries()) {
        const place = await segment.add(`node${index}`, `${address}/24`);
        const announces = [`10.244.${41 + index}.0/26`, `10.244.9${index}.7/32`, services, ...forbidden];
        const passesOn = index === 0 ? { ...strangers, ...passed } : {};
        played.push(
          await asNode.node(place, {
            address,
            asNumber,
            router,
            password: index === 2 ? "other" : password,
            announces,
            passesOn,
          }),
        );
      }
    });
    after(() => segment.remove());

    test("sessions with the nodes of both autonomous systems are Established, by the password", async () => {
      await untilSucceeds("sessions", 60, async () => assert.deepEqual((await speaker.established()).sort(), peers));
      const ofNodes = await Promise.all(played.map((one) => one.established()));
      assert.deepEqual(ofNodes, [[router.address], [router.address], []]);
    });

    test("the router has a route to each pod's block by its own node, and none of what no node may announce", async () => {
      await untilSucceeds("routes", 60, async () => {
        const routes = await segment.routes("tor1");
        assert.deepEqual(via(routes, "10.244.41.0/26"), ["10.20.0.41"]);
        assert.deepEqual(via(routes, "10.244.42.0/26"), ["10.20.0.42"]);
        assert.deepEqual([via(routes, "10.244.90.7"), via(routes, "10.244.91.7")], [["10.20.0.41"], ["10.20.0.42"]]);
      });
      await untilSucceeds("a route to Services by each node", 60, async () =>
        assert.deepEqual(via(await segment.routes("tor1"), services).sort(), peers),
      );
      const routes = await segment.routes("tor1");
      assert.deepEqual(via(routes, "default"), ["10.60.0.2"]);
      for (const wrong of ["192.0.2.0/24", "10.244.0.0/16"]) assert.deepEqual(via(routes, wrong), []);
      const toPods = routes.filter(({ dst }) => dst.startsWith("10.244.")).flatMap(({ dst }) => via(routes, dst));
      assert.deepEqual(
        toPods.filter((gateway) => !peers.includes(gateway)),
        [],
        "a node leads to somebody else",
      );
    });

    test("nodes have the networks that they accept, and nothing else that the router knows", async () => {
      await untilSucceeds("routes", 60, async () => {
        const routes = await segment.routes("node0");
        for (const network of accept) assert.deepEqual(via(routes, network), [router.address], network);
      });
      const routes = await segment.routes("node0");
      const known = ["10.20.0.0/24", ...accept];
      assert.deepEqual(
        routes.map(({ dst }) => dst).filter((dst) => !known.includes(dst)),
        [],
      );
    });

    test("nodes keep their routes while the router's daemon is gone", async () => {
      await speaker.kill();
      await untilSucceeds("the sessions' end", 60, async () => assert.deepEqual(await played[0]?.established(), []));
      assert.deepEqual(via(await segment.routes("node0"), "10.61.0.0/16"), [router.address]);
      assert.deepEqual(via(await segment.routes("tor1"), "10.244.41.0/26"), ["10.20.0.41"], "the router forwards on");
    });
  });
}
