import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { calicoPool, LoadBalancerAddresses } from "../../components/network/load-balancer-addresses";
import { addressesAnnounced, addressesGiven } from "../../components/verify/load-balancer-checks";
import { observedNode } from "../../components/verify/observed-node";
import { metallbImage } from "../../node-config/load-balancers";
import { directory, problems } from "./environments";
import { index } from "./key-samples";
import { registered, settled } from "./registered";
import { partsOf } from "./whole-cluster";

const cidrs = ["10.80.0.0/24"];
const kindsOf = (name: string) =>
  registered.filter((one) => one.name.startsWith(`${name}-`)).map((one) => one.type.split(":").at(-1));

test("before Calico 3.30 MetalLB's controller gives addresses, and no speaker of MetalLB's runs", async () => {
  new LoadBalancerAddresses("metallb", { cidrs, by: "metallb" });
  await settled();
  const kinds = kindsOf("metallb");
  assert.ok(kinds.includes("IPAddressPool") && !kinds.includes("DaemonSet") && !kinds.includes("IPPool"));
  assert.equal(kinds.filter((kind) => kind === "Deployment").length, 1);
});

test("from Calico 3.30 on Calico gives them, out of pools of which no pod gets an address", async () => {
  new LoadBalancerAddresses("calico", { cidrs: [...cidrs, "203.0.113.7/32"], by: "calico" });
  await settled();
  assert.deepEqual(kindsOf("calico"), ["IPPool", "IPPool"]);
  const { spec } = calicoPool("203.0.113.7/32") as { spec?: { blockSize?: number; allowedUses?: string[] } };
  assert.deepEqual([spec?.blockSize, spec?.allowedUses], [32, ["LoadBalancer"]]);
});

test("LoadBalancerAddresses refuses no network, and what is none", () => {
  assert.throws(() => new LoadBalancerAddresses("none", { cidrs: [], by: "calico" }), /none/);
  assert.throws(
    () => new LoadBalancerAddresses("wrong", { cidrs: ["10.80.0.1"], by: "calico" }),
    /is not an IPv4 network/,
  );
});

test("where the supply lacks MetalLB's image and Calico gives no addresses, it is refused with the image and the way out", async () => {
  const { [metallbImage]: _, ...images } = index.images;
  const lacking = join(directory, "without-metallb.json");
  writeFileSync(lacking, JSON.stringify({ suite: "test", ...index, images }));
  const found = await problems((config) => {
    config.network.loadBalancerCidrs = cidrs;
    config.network.calico.version = "3.28.5";
    config.supply.index = lacking;
  });
  assert.match(found.join("\n"), /supply\.index: has no image quay\.io\/metallb\/controller:/);
});

test("networks that no router would learn of are refused, with what to add", async () => {
  const found = await problems((config) => {
    config.network.loadBalancerCidrs = cidrs;
    config.network.calico.peers = [];
  });
  assert.match(
    found.join("\n"),
    /network\.calico\.peers is empty: no router would learn.*or leave network\.loadBalancerCidrs out/,
  );
});

test("a network with a machine in it is refused, by the machine's name", async () => {
  const found = await problems((config) => {
    config.network.loadBalancerCidrs = ["10.30.0.0/24"];
    config.network.timeServers = ["10.30.0.9"];
  });
  assert.match(found.join("\n"), /10\.30\.0\.0\/24 holds 10\.30\.0\.9, one of network\.timeServers; choose/);
});

const given = (...addresses: readonly (readonly string[])[]) => ({
  value: addresses.map((of, at) => ({ name: `shop/web${at}`, addresses: of })),
});

test("a Service without an address fails the check while there are addresses left, and not when all are given", () => {
  const one = addressesGiven(["10.80.0.0/31"], given(["10.80.0.0"], []));
  assert.deepEqual([one.passed, one.found], [false, "shop/web1 has none"]);
  assert.ok(addressesGiven(["10.80.0.0/31"], given(["10.80.0.0"], ["10.80.0.1"], [])).passed);
  assert.ok(!addressesGiven(cidrs, { unreadable: "Forbidden" }).passed);
});

/** BIRD's answers for two sessions, of which the second exports pods' routes alone. */
const told = `Global_10_20_0_2
0001 BIRD 2.0.12 ready.
1007-10.80.0.0/24         blackhole [static1 08:41:02.418] * (200)
 10.244.5.64/26       blackhole [static1 08:41:02.418] * (200)
0000
Node_10_20_0_3
1007-10.244.5.64/26       blackhole [static1 08:41:02.418] * (200)
0000
`;
const observed = observedNode((name) =>
  name === "announced" ? { status: 0, stdout: told, stderr: "" } : { status: 1, stdout: "", stderr: "not asked" },
);
const worker = { name: "worker1", role: "worker", address: "10.20.0.41" } as const;
const labelled = (labels: Record<string, string>) => ({
  value: [{ name: "worker1", ready: true, version: "v1.36.3", schedulable: true, labels, taints: [] }],
});
const announcing = (routers: readonly string[], labels: Record<string, string> = {}) =>
  addressesAnnounced(worker, cidrs, routers, observed, labelled(labels));

test("a router that a node does not tell of Services' addresses fails the node's check, with its address", () => {
  assert.ok(announcing(["10.20.0.2"]).passed);
  const silent = announcing(["10.20.0.2", "10.20.0.3"]);
  assert.deepEqual([silent.passed, silent.found], [false, "10.80.0.0/24 not to 10.20.0.3"]);
});

test("a node that somebody drains announces nothing, which is no failure", () => {
  const label = "node.kubernetes.io/exclude-from-external-load-balancers";
  assert.ok(announcing(["10.20.0.3"], { [label]: "true" }).passed);
  assert.ok(!announcing(["10.20.0.3"], { [label]: "" }).passed);
});

test("nodes take MetalLB's image where it gives addresses, and else ask nobody for it", async () => {
  const imagesWith = async (loadBalancerCidrs: readonly string[]) => {
    const parts = await partsOf(({ network }) => (network.loadBalancerCidrs = loadBalancerCidrs));
    return ["hv1-image", "rented1"].map((name) => {
      const [, part] = [...parts].find(([key]) => key.startsWith("kjerne:") && key.endsWith(` ${name}`)) ?? [];
      return part?.inputs.includes(metallbImage);
    });
  };
  assert.deepEqual(await imagesWith([]), [false, false]);
  assert.deepEqual(await imagesWith(cidrs), [true, true]);
});
