import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { stringify } from "yaml";
import { type BgpFacts, type BgpPeer, bgpResources, meshOf } from "../../components/network/bgp-resources";
import { type CalicoFacts, editCalicoManifest } from "../../components/network/calico-manifest";
import { readManifest } from "../../components/network/manifest-source";
import { assertGoldenFiles } from "./golden-files";

const path = join(__dirname, "fixtures/calico.yaml");
const manifest = readFileSync(path, "utf8");
const calico: CalicoFacts = {
  podCidr: "10.244.0.0/16",
  blockSize: 26,
  autodetection: "interface=eth0",
  mtu: 9000,
  proxyMode: "ipvs",
  pace: "bare-metal",
};
const router: BgpPeer = { name: "router", address: "10.20.0.1", asNumber: 64500, nodeSelector: "rack == 'a'" };

const bgp = (facts: BgpFacts) =>
  [...bgpResources(calico, facts, [router]), meshOf(facts)]
    .map(({ stringData: _, ...o }) => stringify(o))
    .join("---\n");

test("editing Calico's manifest selects BGP without IPIP or VXLAN and changes nothing else", () => {
  const yaml = (facts: CalicoFacts) =>
    editCalicoManifest(manifest, facts)
      .map((o) => stringify(o))
      .join("---\n");
  assertGoldenFiles("calico", {
    "ipvs.yaml": yaml(calico),
    "nftables-emulated.yaml": yaml({ ...calico, proxyMode: "nftables", pace: "emulated" }),
    "bgp.yaml": bgp({ asNumber: 64512, meshPassword: "mesh", loadBalancerCidrs: ["10.80.0.0/24"] }),
    "bgp-reflected.yaml": bgp({ asNumber: 64512, meshPassword: "mesh", reflected: true }),
  });
});

test("a BGP peer with a password gets a Secret and a Role that may read only that Secret", () => {
  const made = bgpResources(calico, { asNumber: 64512 }, [router, { ...router, name: "other", password: "x" }]);
  assert.deepEqual(
    made.map((o) => `${o.kind} ${o.metadata.name}`),
    [
      "IPPool default-ipv4-ippool",
      "Secret kjerne-bgp-other",
      "Role kjerne-bgp-passwords",
      "RoleBinding kjerne-bgp-passwords",
      "BGPFilter kjerne-pod-routes-only",
      "BGPPeer router",
      "BGPPeer other",
    ],
  );
  const rules = made.find((o) => o.kind === "Role")?.rules as { resourceNames: string[] }[];
  assert.deepEqual(rules[0]?.resourceNames, ["kjerne-bgp-other"]);
});

test("a manifest without the DaemonSet calico-node is refused", () => {
  const variant = manifest.replace("name: calico-node, namespace", "name: calico-typha, namespace");
  assert.throws(() => editCalicoManifest(variant, calico), /no DaemonSet calico-node; take calico\.yaml/);
});

test("a manifest whose SHA-256 differs from the settings is refused, and the error names both sums", async () => {
  await assert.rejects(readManifest(path, "0".repeat(64)), /has SHA-256 [0-9a-f]{64}, the settings say 0{64}/);
});
