import assert from "node:assert/strict";
import { test } from "node:test";
import type { Config } from "./environments";
import { checksOf, healthy, wanted } from "./verify/healthy";
import { partsOf } from "./whole-cluster";

/** Two racks, each with a router of its own. */
function twoRacks({ network }: Config): void {
  network.calico.racks = [
    { name: "a", asNumber: 64601, nodes: ["cp1", "worker1"] },
    { name: "b", asNumber: 4200000001, nodes: ["cp2", "rented1"] },
  ];
  Object.assign(network.calico.peers[0], { rack: "a", accept: ["10.60.0.0/16"], gracefulRestartSeconds: 300 });
  Object.assign(network.calico.peers[1], { rack: "b", keepOriginalNextHop: true });
}

const made = partsOf(twoRacks);
const inputsOf = async (name: string) => {
  const [, part] =
    [...(await made)].find(([key]) => /^(kjerne-drift|kubernetes):/.test(key) && key.endsWith(` ${name}`)) ?? [];
  assert.ok(part, `${name} is not made`);
  return JSON.parse(part.inputs);
};

test("a router of a rack is the peer of that rack's nodes, and takes its next hops and graceful restart to Calico", async () => {
  const [tor1, tor2] = await Promise.all(["tor1", "tor2"].map((name) => inputsOf(`oslo-calico-bgppeer-${name}`)));
  assert.equal(tor1.spec.nodeSelector, "kubernetes.io/hostname in { 'cp1', 'worker1' }");
  assert.equal(tor2.spec.nodeSelector, "kubernetes.io/hostname in { 'cp2', 'rented1' }");
  assert.deepEqual([tor1.spec.maxRestartTime, tor2.spec.maxRestartTime], ["300s", undefined]);
  assert.deepEqual([tor1.spec.keepOriginalNextHop, tor2.spec.keepOriginalNextHop], [undefined, true]);
});

test("networks behind a router are accepted from it alone, and nothing else beside pods' is", async () => {
  const [tor1, tor2] = await Promise.all(["tor1", "tor2"].map((name) => inputsOf(`oslo-calico-bgppeer-${name}`)));
  assert.deepEqual(tor1.spec.filters, ["kjerne-accepted-from-tor1"]);
  assert.deepEqual(tor2.spec.filters, ["kjerne-pod-routes-only"]);
  const rest = { cidr: "10.244.0.0/16", matchOperator: "NotIn", action: "Reject" };
  const own = await inputsOf("oslo-calico-bgpfilter-kjerne-accepted-from-tor1");
  assert.deepEqual(own.spec.importV4, [{ cidr: "10.60.0.0/16", matchOperator: "In", action: "Accept" }, rest]);
  assert.deepEqual(own.spec.exportV4, [rest]);
  const others = await inputsOf("oslo-calico-bgpfilter-kjerne-pod-routes-only");
  assert.deepEqual(others.spec.importV4, [rest]);
});

test("a node has the autonomous system of its rack, and one without a rack the cluster's", async () => {
  const systemOf = async (node: string) => {
    const { stdin } = await inputsOf(`${node}-admit`);
    return JSON.parse(stdin.value).asNumber;
  };
  assert.equal(await systemOf("worker1"), 64601);
  assert.equal(await systemOf("rented1"), 4200000001);
  assert.equal(await systemOf("cp3"), undefined);
});

test("the verification looks for a rack's router on that rack's nodes alone", async () => {
  const sessions = (nodes: string[]) => {
    const bgpPeers = [...wanted.bgpPeers, { name: "tor2", address: "10.77.0.2", nodes }];
    const [check] = checksOf(healthy, { ...wanted, bgpPeers }).filter(
      ({ id, node }) => id === "bgp-sessions" && node === "cp1",
    );
    return check?.passed;
  };
  assert.deepEqual([sessions(["cp1"]), sessions(["worker1"])], [false, true]);
});
