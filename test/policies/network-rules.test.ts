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
import { calico, container, egress, object, peer, policy, service, workload } from "./objects";
import { unknownValue } from "./packs";
import type { Described } from "./programs/resources";

const defaults = parameters.parse({});
const ruleOf = (name: string) => rules.find((rule) => rule.name === name) as (typeof rules)[number];
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

const shop = object("core/v1:Namespace", "shop", {});
const closed = { podSelector: {}, policyTypes: ["Ingress", "Egress"] };
const exempt = (names: string) => `kubernetes.io/metadata.name not in {${names}}`;
const global = (namespaceSelector: unknown) =>
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
const calicos = (selector?: unknown, namespace = "shop") =>
  object("projectcalico.org/v3:NetworkPolicy", "deny", { spec: { selector, types: ["Ingress", "Egress"] } }, namespace);
const chosen: typeof denials = [
  ["an empty selector in full", [policy("deny", "shop", { ...closed, podSelector: { matchLabels: {} } })], "shown"],
  ["a selector of another form", [policy("deny", "shop", { ...closed, podSelector: "all()" })], "violated"],
  ["Calico's for the namespace", [calicos()], "shown"],
  ["Calico's for all()", [calicos("all()")], "shown"],
  ["Calico's for some", [calicos("app == 'a'")], "violated"],
  ["Calico's of another namespace", [calicos(undefined, "other")], "violated"],
  ["Calico's for every namespace", [global("")], "shown"],
  ["Calico's with it among the exempted", [global(exempt('"kube-system", "shop", "lab"'))], "violated"],
  ["Calico's for namespaces that are not known", [global(unknownValue)], "violated"],
];
for (const [what, policies, state] of [...denials, ...chosen]) {
  test(`default deny by ${what}: ${state}`, () => {
    assert.deepEqual(states(find(defaultDeny, [shop, ...policies], defaults)), [state]);
  });
}

test("a namespace is judged once, and default is one", () => {
  const pods = [
    workload("a", "shop", container()),
    object("apps/v1:Deployment", "b", {}),
    object("core/v1:Pod", "c", {}, ""),
  ];
  const found = find(defaultDeny, [shop, ...pods], defaults);
  assert.deepEqual(
    found.map(({ field, read, state }) => `${read} ${field} ${state}`),
    ["shop", "default"].flatMap((name) =>
      ["ingress", "egress"].map((way) => `${name} metadata.name${name === "default" ? "space" : ""} (${way}) violated`),
    ),
  );
  assert.match(found[0]?.reason ?? "", /^Anything may open a connection to/);
  assert.match(found[1]?.reason ?? "", /^May open connections to anything/);
});

test("a namespace whose name is not known can't be shown to deny", () => {
  const late = { ...shop, properties: { metadata: { name: unknownValue } } };
  assert.deepEqual(states(find(defaultDeny, [late, policy("deny", "shop", closed)], defaults)), ["unverifiable"]);
});

test("egress that is not known can't be shown to be narrow", () => {
  for (const rule of [unknownValue, { to: unknownValue }, { to: [{ ipBlock: { cidr: unknownValue } }] }]) {
    assert.deepEqual(states(find(egressAllowList, [egress("late", rule as object)], defaults)), ["unverifiable"]);
  }
});

const secretKeyRef = { name: "bgp", key: "password" };
const passwords: readonly [what: string, password: unknown, state: string][] = [
  ["no key of the Secret", { secretKeyRef: { name: "bgp" } }, "violated"],
  ["an empty name", { secretKeyRef: { name: "", key: "password" } }, "violated"],
  ["a name that is not known", { secretKeyRef: { name: unknownValue, key: "password" } }, "unverifiable"],
  ["a Secret and its key", { secretKeyRef }, "shown"],
];
for (const [what, password, state] of passwords) {
  test(`a peer's password with ${what}: ${state}`, () => {
    assert.deepEqual(states(find(ruleOf("bgp-password"), [peer("p", { password })], defaults)), [state]);
  });
}

const filter = (name: string, spec: object) => object(`${calico}:BGPFilter`, name, { spec });
const both = (rule: unknown, family = "V4") => ({ [`import${family}`]: [rule], [`export${family}`]: [rule] });
const notIn = { cidr: "10.244.0.0/16", matchOperator: "NotIn", action: "Reject" };
const filters: readonly [what: string, address: string, names: unknown, spec: object, state: string][] = [
  ["what is not in the pods' network rejected", "10.0.0.1:179", ["f"], both(notIn), "shown"],
  ["everything rejected at the end", "10.0.0.1", ["f"], both({ action: "Reject" }), "shown"],
  ["IPv6 rejected to an IPv6 router", "[2001:db8::1]:179", ["f"], both({ ...notIn, cidr: "fd00::/48" }, "V6"), "shown"],
  ["IPv4 rejected to an IPv6 router", "2001:db8::1", ["f"], both(notIn), "violated"],
  ["one that rejects and one that is not known", "10.0.0.1", ["f", unknownValue], both(notIn), "shown"],
  ["what is in the pods' network rejected", "10.0.0.1", ["f"], both({ ...notIn, matchOperator: "In" }), "violated"],
  ["nothing rejected", "10.0.0.1", ["f"], both({ ...notIn, cidr: "0.0.0.0/0" }), "violated"],
  ["accepted instead", "10.0.0.1", ["f"], both({ ...notIn, action: "Accept" }), "violated"],
  ["rejected from one source only", "10.0.0.1", ["f"], both({ ...notIn, source: "RemotePeers" }), "violated"],
  ["a rule that is not known", "10.0.0.1", ["f"], both(unknownValue), "unverifiable"],
  ["a name that is not known", "10.0.0.1", [unknownValue], both(notIn), "unverifiable"],
  ["a filter that is elsewhere", "10.0.0.1", ["g"], both(notIn), "unverifiable"],
  ["a filter here that rejects nothing, and one elsewhere", "10.0.0.1", ["f", "g"], {}, "unverifiable"],
];
for (const [what, peerIP, names, spec, state] of filters) {
  test(`a router's filters with ${what}: ${state}`, () => {
    const program = [filter("f", spec), peer("p", { peerIP, filters: names })];
    assert.deepEqual(states(find(ruleOf("bgp-filters"), program, defaults)), [state]);
  });
}

test("a peer chosen by selector is a node of the cluster and needs no filter", () => {
  const reflector = object(`${calico}:BGPPeer`, "reflector", { spec: { peerSelector: "route-reflector == 'true'" } });
  assert.deepEqual(find(ruleOf("bgp-filters"), [reflector], defaults), []);
});

const ways: readonly [what: string, rule: object, state: string][] = [
  ["a block as wide as is allowed", { to: [{ ipBlock: { cidr: "10.0.0.0/8" } }] }, "shown"],
  ["a block that is wider", { to: [{ ipBlock: { cidr: "10.0.0.0/7" } }] }, "violated"],
  ["an IPv6 block as wide as is allowed", { to: [{ ipBlock: { cidr: "fd00::/16" } }] }, "shown"],
  ["an IPv6 block that is wider", { to: [{ ipBlock: { cidr: "fd00::/15" } }] }, "violated"],
  ["an address without a length", { to: [{ ipBlock: { cidr: "10.0.0.1" } }] }, "violated"],
  ["a block that is not known beside pods", { to: [{ podSelector: {} }, unknownValue] }, "unverifiable"],
  ["pods, and then everything", { to: [{ podSelector: {} }, { ipBlock: { cidr: "0.0.0.0/0" } }] }, "violated"],
];
for (const [what, rule, state] of ways) {
  test(`egress to ${what}: ${state}`, () => {
    assert.deepEqual(states(find(egressAllowList, [egress("out", rule)], defaults)), [state]);
  });
}

test("egress to pods opens nothing to the outside", () => {
  assert.deepEqual(find(egressAllowList, [egress("out", { to: [{ podSelector: {} }] })], defaults), []);
});

const calicoRules: readonly [rule: object, found: readonly string[]][] = [
  [{ action: "Deny" }, []],
  [{ action: "Pass" }, []],
  [{ action: "Log" }, []],
  [{ action: "Allow", destination: { selector: "app == 'a'" } }, []],
  [{ action: "Allow", destination: { services: { name: "kubernetes" } } }, []],
  [{ action: "Allow", destination: { nets: ["10.0.0.0/24"], selector: "all()" } }, ["shown"]],
  [{ action: "Allow", destination: { ports: [443] } }, ["violated"]],
  [{ action: "Allow" }, ["violated"]],
  [{ action: unknownValue }, ["unverifiable"]],
  [{ action: "Allow", destination: unknownValue }, ["unverifiable"]],
];
for (const [rule, found] of calicoRules) {
  test(`Calico's egress ${JSON.stringify(rule).replaceAll('"', "")}: ${found[0] ?? "opens nothing"}`, () => {
    const world = object("projectcalico.org/v3:NetworkPolicy", "p", { spec: { egress: [rule] } }, "shop");
    assert.deepEqual(states(find(egressAllowList, [world], defaults)), found);
  });
}

const felix = (spec: object) => object(`${calico}:FelixConfiguration`, "felix", { spec });
const encapsulations: readonly [what: string, resource: Described, state: string][] = [
  ["Felix, switched off", felix({ ipipEnabled: false, vxlanEnabled: false }), "shown"],
  ["Felix, IP-in-IP", felix({ ipipEnabled: true }), "violated"],
  [
    "the operator, None",
    object("operator.tigera.io/v1:Installation", "i", {
      spec: { calicoNetwork: { ipPools: [{ encapsulation: "None" }] } },
    }),
    "shown",
  ],
  [
    "Felix's variable off",
    workload("w", "kube-system", container({ env: [{ name: "FELIX_VXLANENABLED", value: "false" }] })),
    "shown",
  ],
  [
    "Felix's variable on",
    workload("w", "kube-system", container({ env: [{ name: "FELIX_IPINIPENABLED", value: "true" }] })),
    "violated",
  ],
  [
    "a variable from elsewhere",
    workload("w", "kube-system", container({ env: [{ name: "CALICO_IPV4POOL_VXLAN", valueFrom: {} }] })),
    "violated",
  ],
  [
    "another component",
    { type: "kjerne:network:CalicoBgp", name: "c", properties: { encapsulation: "VXLAN" } },
    "violated",
  ],
];
for (const [what, resource, state] of encapsulations) {
  test(`encapsulation by ${what}: ${state}`, () => {
    const found = states(find(ruleOf("no-encapsulation"), [resource], defaults));
    assert.ok(found.includes(state as never) && (state !== "shown" || found.length === 1), found.join());
  });
}

test("pods and maps that have nothing to do with Calico are nobody's business", () => {
  const others = [
    workload("shop", "shop", container({ env: unknownValue })),
    object("core/v1:ConfigMap", "shop", { data: unknownValue }, "shop"),
    object("core/v1:ConfigMap", "shop", { data: { key: unknownValue } }, "shop"),
  ];
  assert.deepEqual(find(ruleOf("no-encapsulation"), others, defaults), []);
});

const services: readonly [what: string, resource: Described, state: string][] = [
  ["ExternalName", service("s", { type: "ExternalName" }), "shown"],
  [
    "LoadBalancer without node ports",
    service("s", { type: "LoadBalancer", allocateLoadBalancerNodePorts: false }),
    "shown",
  ],
  ["external IPs that are not known", service("s", { externalIPs: unknownValue }), "unverifiable"],
  ["a type that is not known", service("s", { type: unknownValue }), "unverifiable"],
];
for (const [what, resource, state] of services) {
  test(`a Service with ${what}: ${state}`, () => {
    const found = states(find(ruleOf("exposed-services"), [resource], defaults));
    assert.ok(found.includes(state as never) && (state !== "shown" || found.length === 1), found.join());
  });
}

test("a LoadBalancer without node ports still may not take addresses", () => {
  const both = service("s", { type: "LoadBalancer", allocateLoadBalancerNodePorts: false, externalIPs: ["10.9.9.9"] });
  assert.ok(find(ruleOf("exposed-services"), [both], defaults).some(isViolation));
});

test("a Service of the list may open node ports", () => {
  const listed = {
    ...defaults,
    nodeNetwork: [{ namespace: "shop", kind: "Service", name: "service-s", why: "It is the way in." }],
  };
  const open = service("s", { type: "LoadBalancer", externalIPs: ["10.9.9.9"] });
  assert.deepEqual(states(find(ruleOf("exposed-services"), [open], listed)), ["shown"]);
});

test("a host port of the list passes; 0 is none", () => {
  const port = (hostPort: number) => container({ ports: [{ hostPort }] });
  const rule = ruleOf("node-network");
  assert.deepEqual(states(find(rule, [workload("kube-proxy", "kube-system", port(80), "DaemonSet")], defaults)), [
    "shown",
  ]);
  assert.deepEqual(states(find(rule, [workload("shop", "shop", port(0))], defaults)), ["shown"]);
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
