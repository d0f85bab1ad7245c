import assert from "node:assert/strict";
import { test } from "node:test";
import { defaultDeny } from "../../policies/network/default-deny";
import { find, states } from "./described";
import { defaults } from "./network-rules";
import { container, object, policy, workload } from "./objects";
import { unknownValue } from "./packs";
import type { Described } from "./programs/resources";

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
  ["Calico's with one before the exempted", [global(`team == 'a' && ${exempt('"lab"')}`)], "violated"],
  ["Calico's with one after the exempted", [global(`${exempt('"lab"')} && team == 'a'`)], "violated"],
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

test("the namespaces that the cluster itself lives in need none: it would cut the cluster off", () => {
  for (const name of ["kube-system", "kube-public", "kube-node-lease"]) {
    assert.deepEqual(find(defaultDeny, [object("core/v1:Namespace", name, {})], defaults), [], name);
  }
  for (const name of ["calico-system", "calico-apiserver", "tigera-operator"]) {
    assert.deepEqual(find(defaultDeny, [workload("w", name, container())], defaults), [], name);
  }
});

test("a namespace whose name is not known can't be shown to deny", () => {
  const late = { ...shop, properties: { metadata: { name: unknownValue } } };
  assert.deepEqual(states(find(defaultDeny, [late, policy("deny", "shop", closed)], defaults)), ["unverifiable"]);
});
