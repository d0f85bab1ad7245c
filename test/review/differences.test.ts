import assert from "node:assert/strict";
import { test } from "node:test";
import type { Properties, Resource } from "../../policies/rule";
import { differences } from "../../review/change/differences/all";
import { differenceSentences } from "../../review/change/differences/difference";
import { kvmNode, otherNodeTypes, withNodesOf } from "../policies/node-types";

const resource = (type: string, name: string, properties: Properties): Resource => ({
  urn: `urn:pulumi:oslo::kjerne::${type}::${name}`,
  type,
  name,
  properties,
  additionalSecretOutputs: [],
  protect: false,
});

const review = (base: readonly Resource[], head: readonly Resource[]) => differenceSentences(differences, base, head);

const company = (parentCountry: string) => ({ name: "Lager AS", country: "NO", parentCountry });
const backup = (facts: Properties) =>
  resource("kjerne:residency:Backup", "etcd", {
    country: "NO",
    city: "Oslo",
    store: "s3://etcd?endpoint=backup.eksempel.no",
    operator: company("NO"),
    key: { custodian: "Eksempel AS", country: "NO" },
    encryptedBeforeTransfer: true,
    ...facts,
  });
const node = (site: Properties, more: Properties = {}) =>
  resource(kvmNode, "cp1", { site: { city: "Oslo", country: "NO", ...site }, ...more });
const base = (mirror: string) =>
  resource("kjerne:cluster:NodeBase", "cp1-base", { mirrors: [{ registry: "registry.k8s.io", mirror }] });
const namespace = (name: string) => resource("kubernetes:core/v1:Namespace", name, { metadata: { name } });
const policy = (namespace: string, spec: Properties) =>
  resource("kubernetes:networking.k8s.io/v1:NetworkPolicy", `${namespace}-deny`, { metadata: { namespace }, spec });
const peer = (spec: Properties) =>
  resource("kubernetes:crd.projectcalico.org/v1:BGPPeer", "tor1", { metadata: { name: "tor1" }, spec });
const deployment = (image: string) =>
  resource("kubernetes:apps/v1:Deployment", "web", {
    spec: { template: { spec: { containers: [{ name: "web", image }] } } },
  });

test("resources that did not change give no sentence", () => {
  const all = [backup({}), node({}), namespace("payments"), peer({ password: {} }), deployment("docker.io/a/b:1")];
  assert.deepEqual(review(all, all), []);
});

const denyBoth = policy("payments", { podSelector: {}, policyTypes: ["Ingress", "Egress"] });
const denyIngress = policy("payments", { podSelector: {}, policyTypes: ["Ingress"] });
const letsIn = policy("payments", { podSelector: {}, policyTypes: ["Ingress", "Egress"], ingress: [{}] });
const closed = resource("kubernetes:crd.projectcalico.org/v1:GlobalNetworkPolicy", "all", {
  metadata: { name: "closed" },
  spec: { order: 2000, types: ["Ingress", "Egress"] },
});
const opening = (allow: Properties) =>
  resource("kjerne:security:DefaultDeny", "payments", { namespaces: ["payments"], allow: [allow] });
const password = { secretKeyRef: { name: "bgp", key: "password" } };

const sentences: readonly [string, readonly Resource[], readonly Resource[], readonly (string | RegExp)[]][] = [
  [
    "a backup that moves",
    [backup({})],
    [backup({ city: "Frankfurt", country: "DE" })],
    ["Backup etcd moves from Oslo, NO to Frankfurt, DE."],
  ],
  [
    "default deny of the whole cluster that is given up",
    [closed],
    [namespace("payments")],
    [
      "Namespaces are no longer denied by default, but for those with policies of their own: closed is removed.",
      "Namespace payments is new and denies nothing by default.",
    ],
  ],
  [
    "default deny of the whole cluster, and a namespace made under it",
    [],
    [closed, namespace("payments")],
    [
      "Every namespace is denied by default, those made later too: closed is new.",
      "Namespace payments is new and denies by default.",
    ],
  ],
  [
    "an opening to addresses, and one for the API server",
    [opening({ from: { namespace: "payments" }, to: { cidr: "10.40.0.0/24" }, ports: [443, "9000-9100"] })],
    [opening({ from: { apiServer: true }, to: { namespace: "payments", labels: { app: "hook" } }, port: 8443 })],
    [
      "Newly allowed: the API server to payments app=hook, TCP 8443.",
      "No longer allowed: payments any pod to 10.40.0.0/24, TCP 443, 9000-9100.",
    ],
  ],
  ["nodes that move", [node({})], [node({ city: "Bergen" })], ["Nodes move from Oslo, NO to Bergen, NO."]],
  [
    "a new owner of a backup",
    [backup({})],
    [backup({ operator: company("US") })],
    [/^Backup etcd: now run by Lager AS \(NO, owned from US\)/],
  ],
  [
    "a new custodian of a backup's key",
    [backup({})],
    [backup({ key: { custodian: "KMS", country: "US" } })],
    ["The key of backup etcd passes from Eksempel AS in NO to KMS in US."],
  ],
  [
    "a backup that is no longer encrypted",
    [backup({})],
    [backup({ encryptedBeforeTransfer: false })],
    ["Backup etcd is no longer encrypted before it leaves the cluster."],
  ],
  ["a removed backup", [backup({})], [], ["Gone: backup etcd, in Oslo, NO until now."]],
  [
    "support from another country",
    [node({ supportCountries: ["NO"] })],
    [node({ supportCountries: ["NO", "IN"] })],
    ["Staff in IN get access."],
  ],
  [
    "a new transfer of data to another country",
    [],
    [resource("kjerne:residency:Transfer", "US", { to: "US", ground: "adequacy" })],
    ["A transfer of data or access is recorded: to US, on the ground of adequacy."],
  ],
  [
    "a new time server",
    [node({}, { timeServers: ["a.no"] })],
    [node({}, { timeServers: ["time.google.com"] })],
    ["Nodes no longer ask a.no for the time.", "Nodes newly ask time.google.com for the time."],
  ],
  [
    "a new mirror on machines that were there before",
    [base("https://mirror.eksempel.no")],
    [base("https://mirror.example.com")],
    ["Images of registry.k8s.io are pulled from https://mirror.example.com, before from https://mirror.eksempel.no."],
  ],
  ["a removed BGP password", [peer({ password })], [peer({})], [/^BGP peer tor1 loses its password/]],
  ["a new namespace", [], [namespace("payments")], ["Namespace payments is new and denies nothing by default."]],
  [
    "a removed default deny",
    [namespace("payments"), denyBoth],
    [namespace("payments")],
    ["Namespace payments loses its default deny: it denies nothing by default."],
  ],
  [
    "a default deny that no longer covers egress",
    [denyBoth],
    [denyIngress],
    ["Namespace payments loses its default deny: it denies only ingress by default."],
  ],
  [
    "a default deny that allows all ingress",
    [denyBoth],
    [letsIn],
    ["Namespace payments loses its default deny: it denies only egress by default."],
  ],
  [
    "a new image of a pod",
    [deployment("r.no/a@sha256:1")],
    [deployment("nginx")],
    ["Pods newly run nginx, an image of Docker Hub.", "Pods no longer run r.no/a@sha256:1."],
  ],
];

for (const [what, base, head, expected] of sentences) {
  test(`a sentence of the review describes ${what}`, () => {
    const found = [...review(base, head)].sort();
    assert.equal(found.length, expected.length, found.join("\n"));
    for (const one of expected) {
      assert.ok(
        found.some((sentence) => (typeof one === "string" ? sentence === one : one.test(sentence))),
        `${one} is not in\n${found.join("\n")}`,
      );
    }
  });
}

test("the review describes nodes of any type in the same words", () => {
  const nodesOnly = sentences.filter(([, base]) => base.some(({ type }) => type === kvmNode));
  assert.ok(nodesOnly.length > 2);
  for (const type of otherNodeTypes) {
    const seen = (side: readonly Resource[]) => withNodesOf(type, side);
    for (const [what, base, head] of nodesOnly)
      assert.deepEqual(review(seen(base), seen(head)), review(base, head), what);
    const [before, after] = [[node({})], [node({ city: "Bergen" })]];
    assert.deepEqual(review(before, seen(after)), ["Nodes move from Oslo, NO to Bergen, NO."]);
  }
});

test("a sentence does not repeat a password in the URL of a backup's store", () => {
  const store = "sftp://user:canary@backup.example.de/etcd";
  assert.ok(
    !review([backup({})], [backup({ store })])
      .join()
      .includes("canary"),
  );
});
