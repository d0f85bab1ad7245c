import assert from "node:assert/strict";
import { test } from "node:test";
import { defaultDeny } from "../../policies/network/default-deny";
import { find, outcome, states, unknownValue } from "./described";
import { defaults } from "./network-rules";
import { container, object, policy, workload } from "./objects";
import type { Described } from "./programs/resources";

const shop = object("core/v1:Namespace", "shop", {});
const closed = { podSelector: {}, policyTypes: ["Ingress", "Egress"] };
const exempt = (names: string) => `kubernetes.io/metadata.name not in {${names}}`;
const global = (namespaceSelector: unknown) =>
  object("projectcalico.org/v3:GlobalNetworkPolicy", "deny", {
    spec: { namespaceSelector, types: ["Ingress", "Egress"] },
  });
const denials: readonly [what: string, policies: readonly Described[], state: string][] = [
  ["a NetworkPolicy that denies both directions", [policy("deny", "shop", closed)], "shown"],
  [
    "a NetworkPolicy for each direction",
    ["Ingress", "Egress"].map((type) => policy(type, "shop", { podSelector: {}, policyTypes: [type] })),
    "shown",
  ],
  ["a GlobalNetworkPolicy that exempts the system", [global(exempt('"kube-system"'))], "shown"],
  ["a NetworkPolicy in another namespace only", [policy("deny", "other", closed)], "violated"],
  [
    "a NetworkPolicy for some of its pods",
    [policy("deny", "shop", { ...closed, podSelector: { matchLabels: { a: "b" } } })],
    "violated",
  ],
  [
    "a NetworkPolicy that allows everything",
    [policy("deny", "shop", { ...closed, ingress: [{}], egress: [{}] })],
    "violated",
  ],
  ["a GlobalNetworkPolicy that exempts it", [global(exempt('"shop"'))], "violated"],
  ["a GlobalNetworkPolicy whose selector would have to be evaluated", [global("team == 'a'")], "violated"],
  [
    "a GlobalNetworkPolicy with a condition before the exempted namespaces",
    [global(`team == 'a' && ${exempt('"lab"')}`)],
    "violated",
  ],
  [
    "a GlobalNetworkPolicy with a condition after the exempted namespaces",
    [global(`${exempt('"lab"')} && team == 'a'`)],
    "violated",
  ],
  [
    "a NetworkPolicy whose podSelector is unknown",
    [policy("deny", "shop", { ...closed, podSelector: unknownValue })],
    "violated",
  ],
];
const everywhere = (change: object = {}, selector = 'not in {"kube-system"}') =>
  object("crd.projectcalico.org/v1:GlobalNetworkPolicy", "default.kjerne-default-deny", {
    spec: {
      selector: `has(projectcalico.org/namespace) && projectcalico.org/namespace ${selector}`,
      types: ["Ingress", "Egress"],
      egress: [{ action: "Allow", protocol: "UDP", destination: { selector: "k8s-app == 'kube-dns'", ports: [53] } }],
      ...change,
    },
  });
const calicos = (selector?: unknown, namespace = "shop") =>
  object("projectcalico.org/v3:NetworkPolicy", "deny", { spec: { selector, types: ["Ingress", "Egress"] } }, namespace);
const chosen: typeof denials = [
  [
    "a NetworkPolicy whose matchLabels are empty",
    [policy("deny", "shop", { ...closed, podSelector: { matchLabels: {} } })],
    "shown",
  ],
  [
    "a NetworkPolicy whose podSelector is a text",
    [policy("deny", "shop", { ...closed, podSelector: "all()" })],
    "violated",
  ],
  ["a Calico NetworkPolicy without selector", [calicos()], "shown"],
  ["a Calico NetworkPolicy for all()", [calicos("all()")], "shown"],
  ["a Calico NetworkPolicy for some of its pods", [calicos("app == 'a'")], "violated"],
  ["a Calico NetworkPolicy in another namespace only", [calicos(undefined, "other")], "violated"],
  ["a GlobalNetworkPolicy for every namespace", [global("")], "shown"],
  ["a GlobalNetworkPolicy that exempts it among others", [global(exempt('"kube-system", "shop", "lab"'))], "violated"],
  ["a GlobalNetworkPolicy whose namespaceSelector is unknown", [global(unknownValue)], "violated"],
];
const whole: typeof denials = [
  ["the whole cluster's policy and none of its own", [everywhere()], "shown"],
  ["the whole cluster's policy for one direction", [everywhere({ types: ["Ingress"] })], "shown,violated"],
  [
    "the whole cluster's policy that lets everything out",
    [everywhere({ egress: [{ action: "Allow" }] })],
    "shown,violated",
  ],
  [
    "the whole cluster's policy that passes everything on",
    [everywhere({ ingress: [{ action: "Pass" }] })],
    "shown,violated",
  ],
  [
    "the whole cluster's policy that allows half of all addresses",
    [everywhere({ egress: [{ action: "Allow", destination: { nets: ["128.0.0.0/1"] } }] })],
    "shown,violated",
  ],
  [
    "the whole cluster's policy that leaves another one out",
    [everywhere({}, 'not in {"kube-system", "lab"}')],
    "shown,violated",
  ],
  ["the whole cluster's policy that leaves it out", [everywhere({}, 'not in {"kube-system", "shop"}')], "violated"],
  ["the whole cluster's policy for some namespaces", [everywhere({}, 'in {"shop"}')], "violated"],
  ["the whole cluster's policy with unknown rules", [everywhere({ egress: unknownValue })], "shown,violated"],
  [
    "default deny beside a policy that lets everybody in",
    [everywhere(), policy("open", "shop", { podSelector: {}, policyTypes: ["Ingress"], ingress: [{}] })],
    "shown,violated",
  ],
  [
    "default deny beside a policy that lets every address in",
    [
      policy("deny", "shop", closed),
      policy("open", "shop", { ...closed, ingress: [{ from: [{ ipBlock: { cidr: "0.0.0.0/0" } }] }] }),
    ],
    "shown,violated",
  ],
  [
    "default deny beside a policy that lets everybody in on one port",
    [
      policy("deny", "shop", closed),
      policy("web", "shop", {
        podSelector: { matchLabels: { app: "web" } },
        policyTypes: ["Ingress"],
        ingress: [{ ports: [{ port: 443 }] }],
      }),
    ],
    "shown",
  ],
];
for (const [what, policies, state] of [...denials, ...chosen, ...whole]) {
  test(`a namespace with ${what} ${outcome("NET-04", state)}`, () => {
    assert.deepEqual(states(find(defaultDeny, [shop, ...policies], defaults)).sort(), state.split(","));
  });
}

test("NET-04 judges each namespace once, the namespace default too", () => {
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

test("NET-04 does not judge system namespaces, which default deny would cut off", () => {
  for (const name of ["kube-system", "kube-public", "kube-node-lease"]) {
    assert.deepEqual(find(defaultDeny, [object("core/v1:Namespace", name, {})], defaults), [], name);
  }
  for (const name of ["calico-system", "calico-apiserver", "tigera-operator"]) {
    assert.deepEqual(find(defaultDeny, [workload("w", name, container())], defaults), [], name);
  }
});

test("a namespace of unknown name is unverifiable for NET-04", () => {
  const late = { ...shop, properties: { metadata: { name: unknownValue } } };
  assert.deepEqual(states(find(defaultDeny, [late, policy("deny", "shop", closed)], defaults)), ["unverifiable"]);
});
