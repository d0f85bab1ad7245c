import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { parse } from "yaml";
import { proxyMode, strictArp } from "../../policies/network/kube-proxy";
import { find, outcome, states, unknownValue } from "./described";
import { proxyFiles } from "./network-programs";
import { defaults } from "./network-rules";
import { calico, container, object, workload } from "./objects";
import type { Described } from "./programs/resources";

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
  test(`kube-proxy with ${proxy.replaceAll("\n", ", ")} on Kubernetes ${version} ${outcome("NET-08", state)}${warned ? " with a warning" : ""}`, () => {
    const [finding] = find(proxyMode, [kubeProxy(version, proxy)], defaults);
    assert.equal(finding?.state, state);
    if (state === "shown") assert.equal(finding?.reason !== undefined, warned);
  });
}

const controlPlane = (kubernetesVersion: unknown): Described => ({
  ...{ type: "kjerne:cluster:ControlPlane", name: "cp" },
  properties: { kubernetesVersion },
});
const component = (mode: unknown): Described => ({
  ...{ type: "kjerne:network:KubeProxy", name: "proxy" },
  properties: { mode },
});

test("NET-08 says which is unknown: the mode, or the Kubernetes version", () => {
  const said = (mode: unknown, version: unknown) =>
    find(proxyMode, [component(mode), controlPlane(version)], defaults).map(({ reason }) => reason);
  assert.match(said(unknownValue, "1.36.0").join(), /^The mode is not known/);
  assert.match(said("ipvs", unknownValue).join(), /^The Kubernetes version is not known/);
  assert.match(said("ipvs", "stable-1.36").join(), /^The Kubernetes version is not known/);
});

test("NET-08 names the mode to change to", () => {
  const wayOut = (mode: string) => find(proxyMode, [component(mode), controlPlane("1.43.0")], defaults)[0]?.wayOut;
  assert.match(wayOut("ipvs") ?? "", /^Set the mode to nftables/);
  assert.match(wayOut("userspace") ?? "", /^Set the mode to iptables/);
});

test("a mode is unverifiable for NET-08 without a Kubernetes version, or with two different ones", () => {
  assert.deepEqual(states(find(proxyMode, [component("ipvs")], defaults)), ["unverifiable"]);
  const two = find(proxyMode, [kubeProxy("1.36.0", "mode: ipvs"), controlPlane("1.44.0")], defaults);
  assert.deepEqual(states(two), ["unverifiable"]);
});

test("kjerne's KubeProxy component meets NET-08 in a release where IPVS needs a feature gate", () => {
  const [finding] = find(proxyMode, [component("ipvs"), controlPlane("1.40.1")], defaults);
  assert.equal(finding?.state, "shown");
});

test("the pack's default proxy modes are those of versions.yaml", () => {
  const versions = parse(readFileSync(join(__dirname, "../../versions.yaml"), "utf8"));
  const { calicoFrom, ...nftables } = versions.proxyModes.nftables;
  assert.deepEqual(defaults.proxyModes, { ...versions.proxyModes, nftables });
  // The rule does not see Calico's version: it only says which one the way out needs.
  const [finding] = find(proxyMode, [component("ipvs"), controlPlane("1.43.0")], defaults);
  assert.match(finding?.wayOut ?? "", new RegExp(`\\(${calicoFrom} or later\\)`));
});

test("NET-09 demands strictARP only in IPVS mode and only where service addresses are announced", () => {
  const quiet = kubeProxy("1.36.0", "mode: ipvs\nipvs: {strictARP: false}");
  assert.deepEqual(find(strictArp, [quiet], defaults), []);
  const vip = container({ env: [{ name: "vip_arp", value: "true" }, { name: "x" }] });
  const announcers = [
    object("metallb.io/v1beta1:L2Advertisement", "l2", { spec: {} }),
    ...["serviceLoadBalancerIPs", "serviceExternalIPs", "serviceClusterIPs"].map((field) =>
      object(`${calico}:BGPConfiguration`, field, { spec: { [field]: [{ cidr: "10.96.0.0/16" }] } }),
    ),
    workload("kube-vip", "kube-system", { containers: [{ env: [{ name: "x" }] }, ...vip.containers] }, "DaemonSet"),
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
