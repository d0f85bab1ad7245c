import assert from "node:assert/strict";
import { test } from "node:test";
import { judgeProxyMode } from "../../node-config/proxy-mode";
import { versions } from "../../node-config/versions";

const judge = (mode: "ipvs" | "nftables" | "iptables", version: string, calico?: string) => {
  const { refusal, warning, featureGates } = judgeProxyMode(mode, version, versions.proxyModes, calico);
  return [refusal ? "refused" : warning ? "warned" : "silent", featureGates ? "gated" : "free"].join(" ");
};

for (const [mode, version, verdict] of [
  ["ipvs", "1.34.4", "silent free"],
  ["ipvs", "1.35.0", "warned free"],
  ["ipvs", "1.39.9", "warned free"],
  ["ipvs", "1.40.0", "warned gated"],
  ["ipvs", "1.42.1", "warned gated"],
  ["ipvs", "1.43.0", "refused free"],
  ["nftables", "1.32.9", "refused free"],
  ["nftables", "1.33.0", "silent free"],
  ["iptables", "1.43.0", "silent free"],
] as const) {
  test(`kube-proxy ${mode} on Kubernetes ${version}: ${verdict}`, () => assert.equal(judge(mode, version), verdict));
}

for (const [mode, calico, verdict] of [
  ["nftables", "3.28.5", "refused free"],
  ["nftables", "3.31.0", "silent free"],
  ["nftables", "4.0.1", "silent free"],
  ["iptables", "3.28.5", "silent free"],
] as const) {
  test(`kube-proxy ${mode} on Kubernetes 1.36.3 with Calico ${calico}: ${verdict}`, () =>
    assert.equal(judge(mode, "1.36.3", calico), verdict));
}

test("a refusal or warning says which mode or Calico to choose instead", () => {
  assert.match(judgeProxyMode("ipvs", "1.43.0", versions.proxyModes).refusal ?? "", /proxy\.mode to nftables/);
  assert.match(
    judgeProxyMode("ipvs", "1.36.3", versions.proxyModes).warning ?? "",
    /proxy\.mode to nftables, with a Calico that has it \(3\.31 or later\)/,
  );
  assert.match(
    judgeProxyMode("nftables", "1.36.3", versions.proxyModes, "3.28.5").refusal ?? "",
    /nftables needs Calico 3\.31 or later, not 3\.28\.5; choose such a Calico, or another mode/,
  );
});
