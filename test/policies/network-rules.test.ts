import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { parse } from "yaml";
import { defaultDeny } from "../../policies/network/default-deny";
import { egressAllowList } from "../../policies/network/egress";
import { proxyMode, strictArp } from "../../policies/network/kube-proxy";
import { parameters } from "../../policies/network/parameters";
import { rules } from "../../policies/network/rules";
import { type Finding, isViolation, message } from "../../policies/rule";
import { find } from "./described";
import { misrouted, proxyFiles, routed } from "./network-programs";
import { calico, container, egress, object, policy, service, workload } from "./objects";
import { unknownValue } from "./packs";
import type { Described } from "./programs/resources";

const defaults = parameters.parse({});
const states = (findings: readonly Finding[]) => [...new Set(findings.map(({ state }) => state))];
const named = (name: string) => routed.find((resource) => resource.name === name) as Described;

test("the engine's examples are judged alike without an engine", () => {
  for (const rule of rules) {
    assert.deepEqual(find(rule, routed, defaults).filter(isViolation), [], rule.name);
    const program = [...routed, ...misrouted.map(({ resource }) => resource)];
    const wrong = find(rule, program, defaults).filter(isViolation);
    for (const { policy, says, resource } of misrouted.filter((example) => example.policy === rule.name)) {
      const about = wrong.filter(({ urn }) => urn.endsWith(`::${resource.name}`));
      assert.ok(
        about.some((finding) => says.test(message(rule, finding))),
        `${policy}: ${resource.name}`,
      );
    }
    const names = misrouted.filter((example) => example.policy === rule.name).map(({ resource }) => resource.name);
    assert.deepEqual([...new Set(wrong.map(({ urn }) => urn.split("::").at(-1)))].sort(), [...new Set(names)].sort());
  }
});

test("a value that is not known is never a pass", () => {
  for (const { policy: name, resource } of misrouted) {
    const rule = rules.find((candidate) => candidate.name === name) as (typeof rules)[number];
    for (const part of ["spec", "data", "mode", "strictArp"].filter((key) => key in resource.properties)) {
      const late = { ...resource, properties: { ...resource.properties, [part]: unknownValue } };
      const others = name === "strict-arp" || name === "proxy-mode" ? [named("default"), named("proxy-apply")] : [];
      const about = find(rule, [...others, late], defaults).filter(({ urn }) => urn.endsWith(`::${resource.name}`));
      assert.ok(about.some(isViolation), `${name} of ${resource.name}, ${part}`);
    }
  }
});

test("every finding of a rule states its way out, and never throws on what is malformed", () => {
  for (const rule of rules) {
    for (const { resource } of misrouted) {
      for (const nonsense of ["text", 7, [], [unknownValue], { a: unknownValue }, null]) {
        const keys = Object.keys(resource.properties);
        const odd = { ...resource, properties: Object.fromEntries(keys.map((key) => [key, nonsense])) };
        for (const finding of find(rule, [odd], defaults)) {
          assert.doesNotMatch(finding.reason ?? "", /The rule broke/, `${rule.name} on ${resource.name}`);
          if (finding.state !== "shown") assert.ok(finding.wayOut, `${rule.name} on ${resource.name}`);
        }
      }
    }
  }
});

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
});

const shop = object("core/v1:Namespace", "shop", {});
const closed = { podSelector: {}, policyTypes: ["Ingress", "Egress"] };
const exempt = (names: string) => `kubernetes.io/metadata.name not in {${names}}`;
const global = (namespaceSelector: string) =>
  object("projectcalico.org/v3:GlobalNetworkPolicy", "deny", {
    spec: { namespaceSelector, types: ["Ingress", "Egress"] },
  });
const denials: readonly [what: string, policies: readonly Described[], state: string][] = [
  ["one policy for both directions", [policy("deny", "shop", closed)], "shown"],
  [
    "one policy for each direction",
    ["Ingress", "Egress"].map((type) => policy(type, "shop", { podSelector: {}, policyTypes: [type] })),
    "shown",
  ],
  ["Calico's for all namespaces but others", [global(exempt('"kube-system", "lab"'))], "shown"],
  ["a policy of another namespace", [policy("deny", "other", closed)], "violated"],
  [
    "a policy for some pods",
    [policy("deny", "shop", { ...closed, podSelector: { matchLabels: { a: "b" } } })],
    "violated",
  ],
  [
    "a policy with a rule that lets everything in",
    [policy("deny", "shop", { ...closed, ingress: [{}], egress: [{}] })],
    "violated",
  ],
  ["Calico's with the namespace exempted", [global(exempt('"shop"'))], "violated"],
  ["Calico's with a selector that would have to be evaluated", [global("team == 'a'")], "violated"],
  ["a policy that is not known yet", [policy("deny", "shop", { ...closed, podSelector: unknownValue })], "violated"],
];
for (const [what, policies, state] of denials) {
  test(`default deny by ${what}: ${state}`, () => {
    assert.deepEqual(states(find(defaultDeny, [shop, ...policies], defaults)), [state]);
  });
}

test("a namespace whose name is not known can't be shown to deny", () => {
  const late = { ...shop, properties: { metadata: { name: unknownValue } } };
  assert.deepEqual(states(find(defaultDeny, [late, policy("deny", "shop", closed)], defaults)), ["unverifiable"]);
});

test("egress that is not known can't be shown to be narrow", () => {
  for (const rule of [unknownValue, { to: unknownValue }, { to: [{ ipBlock: { cidr: unknownValue } }] }]) {
    assert.deepEqual(states(find(egressAllowList, [egress("late", rule as object)], defaults)), ["unverifiable"]);
  }
});

test("a list of objects, a patch and Calico's internal group are what they hold", () => {
  const list = {
    type: "kubernetes:core/v1:ServiceList",
    name: "list",
    properties: { items: [{ spec: { type: "NodePort" } }] },
  };
  const patch = { ...service("x", { type: "NodePort" }), type: "kubernetes:core/v1:ServicePatch" };
  const rule = rules.find(({ name }) => name === "exposed-services") as (typeof rules)[number];
  for (const resource of [list, patch]) {
    const [finding] = find(rule, [resource], defaults);
    assert.equal(finding?.state, "violated", resource.type);
  }
  assert.equal(find(rule, [list], defaults)[0]?.field, "items[0].spec.type");
});

test("a workload of the list may use the node's network, and no other of its name", () => {
  const rule = rules.find(({ name }) => name === "node-network") as (typeof rules)[number];
  const at = (namespace: string, kind: string) => workload("calico-node", namespace, { hostNetwork: true }, kind);
  assert.deepEqual(states(find(rule, [at("kube-system", "DaemonSet")], defaults)), ["shown"]);
  assert.deepEqual(states(find(rule, [at("shop", "DaemonSet")], defaults)), ["violated"]);
  assert.deepEqual(states(find(rule, [at("kube-system", "Deployment")], defaults)), ["violated"]);
});
