import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { parse } from "yaml";
import { proxyMode, strictArp } from "../../policies/network/kube-proxy";
import { rules } from "../../policies/network/rules";
import { find } from "./described";
import { proxyFiles } from "./network-programs";
import { defaults, states } from "./network-rules";
import { calico, container, object, workload } from "./objects";
import type { Described } from "./programs/resources";

const _ruleOf = (name: string) => rules.find((rule) => rule.name === name) as (typeof rules)[number];

const kubeProxy = (version: string, proxy: string): Described => ({
  ...{ type: "command:remote:Command", name: "apply" },
  properties: { stdin: proxyFiles(version, proxy) },
});

const verdicts: readonly [version: string, proxy: string, state: string, warned: boolean][] = [
  ["1.34.1", "mode: ipvs", "shown", false],
  ["1.35.0", "mode: ipvs", "shown", true],
  ["1.39.2", "mode: ipvs", "shown", true],
  ["1.40.0", "mode: ipvs", "violated", false],
  ["1.40.0", "mode: ipvs\nfeatureGates: {KubeProxyIPVS: true}", "shown", true],
  ["1.43.0", "mode: ipvs\nfeatureGates: {KubeProxyIPVS: true}", "violated", false],
  ["1.32.0", "mode: nftables", "violated", false],
  ["1.33.0", "mode: nftables", "shown", false],
  ["1.43.0", "mode: iptables", "shown", false],
  ["1.36.0", "bindAddress: 0.0.0.0", "violated", false],
  ["1.36.0", "mode: [", "unverifiable", false],
];
for (const [version, proxy, state, warned] of verdicts) {
  test(`Kubernetes ${version} with ${proxy.replaceAll("\n", ", ")}: ${state}${warned ? ", with a warning" : ""}`, () => {
    const [finding] = find(proxyMode, [kubeProxy(version, proxy)], defaults);
    assert.equal(finding?.state, state);
    if (state === "shown") assert.equal(finding?.reason !== undefined, warned);
  });
}

test("a mode can't be judged without the release, or with two of them", () => {
  const component = { type: "kjerne:network:KubeProxy", name: "proxy", properties: { mode: "ipvs" } };
  assert.deepEqual(states(find(proxyMode, [component], defaults)), ["unverifiable"]);
  const other = {
    ...{ type: "kjerne:cluster:ControlPlane", name: "other" },
    properties: { kubernetesVersion: "1.44.0" },
  };
  const two = find(proxyMode, [kubeProxy("1.36.0", "mode: ipvs"), other], defaults);
  assert.deepEqual(states(two), ["unverifiable"]);
});

test("kjerne's component opens the gate by itself", () => {
  const component = { type: "kjerne:network:KubeProxy", name: "proxy", properties: { mode: "ipvs" } };
  const controlPlane = {
    ...{ type: "kjerne:cluster:ControlPlane", name: "cp" },
    properties: { kubernetesVersion: "1.40.1" },
  };
  const [finding] = find(proxyMode, [component, controlPlane], defaults);
  assert.equal(finding?.state, "shown");
});

test("the modes and releases are those that kjerne itself goes by", () => {
  const versions = parse(readFileSync(join(__dirname, "../../versions.yaml"), "utf8"));
  assert.deepEqual(defaults.proxyModes, versions.proxyModes);
});

test("strictARP is asked for only where addresses are announced", () => {
  const quiet = kubeProxy("1.36.0", "mode: ipvs\nipvs: {strictARP: false}");
  assert.deepEqual(find(strictArp, [quiet], defaults), []);
  const announcers = [
    object("metallb.io/v1beta1:L2Advertisement", "l2", { spec: {} }),
    object(`${calico}:BGPConfiguration`, "default", { spec: { serviceClusterIPs: [{ cidr: "10.96.0.0/16" }] } }),
    workload("kube-vip", "kube-system", container({ env: [{ name: "vip_arp", value: "true" }] }), "DaemonSet"),
  ];
  for (const announcer of announcers) {
    assert.deepEqual(states(find(strictArp, [quiet, announcer], defaults)), ["violated"], announcer.name);
  }
  const silent = [
    object(`${calico}:BGPConfiguration`, "default", { spec: { serviceClusterIPs: [] } }),
    workload(
      "kube-vip",
      "kube-system",
      container({
        env: [
          { name: "vip_arp", value: "false" },
          { name: "x", value: "1" },
        ],
      }),
    ),
  ];
  for (const resource of silent) assert.deepEqual(find(strictArp, [quiet, resource], defaults), [], resource.name);
  const nftables = kubeProxy("1.36.0", "mode: nftables");
  assert.deepEqual(find(strictArp, [nftables, ...announcers], defaults), []);
});
