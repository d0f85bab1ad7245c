import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { bgpResources } from "../../components/network/bgp-resources";
import { type CalicoFacts, editCalicoManifest } from "../../components/network/calico-manifest";
import { type Encapsulation, mtuOfPods } from "../../node-config/encapsulation";
import { problems } from "./environments";
import { set } from "./refused";
import { type Answers, checksOf, edited, healthy, refusals, wanted } from "./verify/healthy";

const vxlan: Encapsulation = { by: "vxlan", where: "always" };
const ipip: Encapsulation = { by: "ipip", where: "across-subnets" };

test("Calico's pool and the pods' MTU follow the encapsulation of the settings", () => {
  const manifest = readFileSync(join(__dirname, "fixtures/calico.yaml"), "utf8");
  const given = (encapsulation?: Encapsulation) => {
    const calico: CalicoFacts = {
      ...{ podCidr: "10.244.0.0/16", blockSize: 26, autodetection: "interface=eth0", mtu: 1500 },
      ...{ proxyMode: "ipvs", pace: "bare-metal", encapsulation },
    };
    const [pool] = bgpResources(calico, { asNumber: 64512 }, []);
    const { ipipMode, vxlanMode } = pool?.spec as Record<string, string>;
    const config = editCalicoManifest(manifest, calico).find(({ metadata }) => metadata.name === "calico-config");
    return [ipipMode, vxlanMode, (config?.data as Record<string, string>).veth_mtu];
  };
  assert.deepEqual(given(), ["Never", "Never", "1500"]);
  assert.deepEqual(given(vxlan), ["Never", "Always", "1450"]);
  assert.deepEqual(given(ipip), ["CrossSubnet", "Never", "1480"]);
});

/** What the recorded node answers where pods' packets travel in VXLAN. */
const inVxlan: Answers = {
  ...healthy,
  links: refusals.links,
  ...readingOf("pools", edited("pools", '"vxlanMode":"Never"', '"vxlanMode":"Always"')),
  ...readingOf("cniConfig", edited("cniConfig", '"mtu": 1500', `"mtu": ${mtuOfPods(1500, vxlan)}`)),
  tunnelRoutes: answer([{ dst: "10.244.235.128/26", gateway: "10.244.235.128", dev: "vxlan.calico" }]),
};

function readingOf(name: string, answers: Answers): Answers {
  const found = answers[name];
  assert.ok(found);
  return { [name]: found };
}

function answer(value: unknown) {
  return { status: 0, stdout: JSON.stringify(value), stderr: "" };
}

const failed = (answers: Answers, encapsulation: Encapsulation) =>
  checksOf(answers, { ...wanted, encapsulation, bgpPeers: [] })
    .filter(({ passed }) => !passed)
    .map(({ id, found }) => `${id}: ${found}`);

test("a cluster in VXLAN passes every check where the settings ask for it", () => {
  // The recording of links is of another machine: its card and its pods' are of no account here.
  const own = failed(inVxlan, vxlan).filter((one) => !/^(nic-mtu|pod-mtu)/.test(one));
  assert.deepEqual(own, []);
});

test("another mode of the pool, a second tunnel and a block that no route leads to are named", () => {
  assert.deepEqual(
    failed({ ...inVxlan, ...readingOf("pools", healthy) }, vxlan).filter((one) => one.startsWith("pool")),
    ["pool-encapsulation: default-ipv4-ippool: vxlanMode Never"],
  );
  assert.deepEqual(
    failed(inVxlan, { by: "ipip", where: "always" }).filter((one) => one.startsWith("tunnel")),
    ["tunnel-devices: vxlan.calico (vxlan)"],
  );
  for (const tunnelRoutes of [answer([]), answer([{ dst: "10.244.235.128/26", dev: "eth0" }])])
    assert.deepEqual(
      failed({ ...inVxlan, tunnelRoutes }, vxlan).filter((one) => one.startsWith("pod-routes")),
      ["pod-routes: no 10.244.235.128/26 of worker1"],
    );
});

test("across subnets alone, a block that is reached straight through the card is right", () => {
  const across = failed({ ...inVxlan, tunnelRoutes: answer([]) }, { by: "vxlan", where: "across-subnets" });
  assert.deepEqual(
    across.filter((one) => one.startsWith("pod-routes")),
    [],
  );
});

test("webhooks that the API server calls are refused with encapsulation: its address there is known to nobody", async () => {
  const webhook = [
    {
      namespace: "production",
      allow: [{ from: { apiServer: true }, to: { labels: { app: "webhook" } }, port: 10250 }],
    },
  ];
  const found = (encapsulation?: Encapsulation) =>
    problems((config) => {
      set(config, "defaultDeny", webhook);
      if (encapsulation) set(config, "network.calico.encapsulation", encapsulation);
    });
  assert.deepEqual(await found(), []);
  assert.match((await found(vxlan)).join("\n"), /production allows from: { apiServer: true }.*cidr: 10\.244\.0\.0\/16/);
});

test("an encapsulation that Calico does not have is refused with those that it has", async () => {
  const found = await problems((config) =>
    set(config, "network.calico.encapsulation", { by: "geneve", where: "always" }),
  );
  assert.match(found.join("\n"), /encapsulation\.by \(geneve\).*"ipip"\|"vxlan"/);
});
