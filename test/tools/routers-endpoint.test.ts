import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { untilSucceeds } from "../../tools/lab/until";
import { asRoot } from "../../tools/run";
import { password, router, routerFacts } from "./routers/router";
import { Segment, viaOf } from "./routers/segment";
import { bird, frr, type Kind, type Place, type Speaker } from "./routers/speakers";

const endpoint = "10.99.0.1";
const nodes = [
  { name: "cp1", address: "10.20.0.31", role: "control-plane" },
  { name: "cp2", address: "10.20.0.32", role: "control-plane" },
  { name: "worker1", address: "10.20.0.41", role: "worker" },
];

const facts = routerFacts(nodes, { address: endpoint, by: "bgp" }, [], {});

const pairs: readonly [string, Kind, string, Kind][] = [
  ["BIRD", bird, "BIRD", bird],
  ["FRR", frr, "BIRD", bird],
];
for (const [at, [routerKind, asRouter, nodeKind, asNode]] of pairs.entries()) {
  describe(`a router with the configuration for ${routerKind}, and control planes that speak ${nodeKind}`, () => {
    const segment = new Segment(`kje${process.pid}${at}`);
    const places = new Map<string, Place>();
    const speakers = new Map<string, Speaker>();

    before(async () => {
      await asRouter.router(await segment.add("tor1", `${router.address}/24`), facts, password);
      for (const { name, address } of nodes) places.set(name, await segment.add(name, `${address}/24`));
    });
    after(() => segment.remove());

    /** Starts a node's BGP, which announces the address whatever else is true. */
    async function announce(name: string): Promise<void> {
      const { address } = nodes.find((node) => node.name === name) as (typeof nodes)[number];
      const own = { address, asNumber: 64512, router, password, announces: [`${endpoint}/32`] };
      speakers.set(name, await asNode.node(places.get(name) as Place, own));
    }
    const leadsTo = (...addresses: string[]) =>
      untilSucceeds(`a route by ${addresses.join(" and ")} alone`, 30, async () =>
        assert.deepEqual(viaOf(await segment.routes("tor1"), endpoint).sort(), addresses),
      );

    test("before anybody announces the address it leads to the control plane that starts the cluster", async () => {
      await leadsTo("10.20.0.31");
    });

    test("it leads to a control plane that announces it, and no longer to one that does not", async () => {
      await announce("cp2");
      await leadsTo("10.20.0.32");
    });

    test("a worker that announces it gets nothing", async () => {
      await announce("worker1");
      await untilSucceeds("the worker's session", 30, async () =>
        assert.deepEqual(await speakers.get("worker1")?.established(), [router.address]),
      );
      await announce("cp1");
      await leadsTo("10.20.0.31", "10.20.0.32");
    });

    test("one that loses its power gets no packets some seconds later, though graceful restart keeps routes", async () => {
      await speakers.get("cp1")?.freeze();
      await asRoot("ip", "-n", (places.get("cp1") as Place).namespace, "link", "set", "lan", "down");
      await leadsTo("10.20.0.32");
    });
  });
}
