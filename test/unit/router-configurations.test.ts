import { test } from "node:test";
import { birdConfig } from "../../node-config/routers/bird";
import { type RoutedCluster, routersOf } from "../../node-config/routers/facts";
import { frrConfig } from "../../node-config/routers/frr";
import { read } from "./environments";
import { assertGoldenFiles } from "./golden-files";

test("routers of a cluster whose control planes announce the endpoint get the reviewed configuration", async () => {
  const { settings } = await read("oslo", ({ kubernetes, network }) => {
    Object.assign(kubernetes.endpoint, { address: "10.99.0.1", by: "bgp" });
    network.calico.racks = [{ name: "b", asNumber: 64602, nodes: ["cp3", "worker2", "worker3"] }];
    Object.assign(network.calico.peers[1], { rack: "b" });
    network.calico.peers.push({ name: "spine", address: "10.30.0.3", asNumber: 64512, authenticated: false });
  });
  assertGoldenFiles("routers-endpoint", configurationsOf(settings));
});

test("routers get the reviewed configuration: plain, of a rack, and away from the segment", async () => {
  const { settings } = await read("oslo", ({ network }) => {
    network.loadBalancerCidrs = ["10.80.0.0/24", "203.0.113.7/32"];
    network.calico.racks = [{ name: "b", asNumber: 64602, nodes: ["worker2", "worker3"] }];
    Object.assign(network.calico.peers[1], { rack: "b", accept: ["10.60.0.0/16"], keepOriginalNextHop: true });
    network.calico.peers.push({ name: "spine", address: "10.30.0.3", asNumber: 64512, authenticated: false });
  });
  assertGoldenFiles("routers", configurationsOf(settings));
});

function configurationsOf(settings: RoutedCluster) {
  return Object.fromEntries(
    routersOf(settings).flatMap((router) => [
      [`${router.name}.bird.conf`, birdConfig(router)],
      [`${router.name}.frr.conf`, frrConfig(router)],
    ]),
  );
}
