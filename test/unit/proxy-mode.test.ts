import assert from "node:assert/strict";
import { test } from "node:test";
import { judgeProxyMode } from "../../node-config/proxy-mode";
import { versions } from "../../node-config/versions";

const judge = (mode: "ipvs" | "nftables" | "iptables", version: string) => {
  const { refusal, warning, featureGates } = judgeProxyMode(mode, version, versions.proxyModes);
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

test("who is refused or warned is told the way out", () => {
  assert.match(judgeProxyMode("ipvs", "1.43.0", versions.proxyModes).refusal ?? "", /proxy\.mode to nftables/);
  assert.match(judgeProxyMode("ipvs", "1.36.3", versions.proxyModes).warning ?? "", /proxy\.mode to nftables/);
});
