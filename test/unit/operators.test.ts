import assert from "node:assert/strict";
import { test } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import { Operator } from "../../components/cluster/operator";
import { halfOfLife } from "../../node-config/half-of-life";
import { cp1, facts } from "./cluster-samples";
import { accepted, refused } from "./refused";
import { isScript, node, registered, settled } from "./registered";

const admit = (certificate?: number) =>
  new Operator(`lab-operator-anna-${certificate}`, {
    facts,
    operator: { name: "anna", clusterRole: "view", ...(certificate ? { certificate } : {}) },
    through: node(cp1),
    caHash: "sha256:0",
    inCluster: {},
  });

test("an operator's kubeconfig is a secret, and the certificate is for the user that the binding names", async () => {
  const { kubeconfig } = admit();
  assert.equal(await pulumi.isSecret(kubeconfig), true);
  await settled();
  const asked = registered.find(isScript)?.inputs.stdin as string;
  const binding = registered.find(({ type }) => type.endsWith(":ClusterRoleBinding"))?.inputs;
  assert.deepEqual(binding?.subjects, [
    { apiGroup: "rbac.authorization.k8s.io", kind: "User", name: "kjerne:operator:anna:1" },
  ]);
  assert.deepEqual(JSON.parse(asked), { user: "kjerne:operator:anna:1", hours: 720 });
});

test("another number of a certificate is another user", async () => {
  admit(2);
  await settled();
  const binding = registered.find(({ type }) => type.endsWith(":ClusterRoleBinding"))?.inputs;
  assert.match(JSON.stringify(binding), /kjerne:operator:anna:2/);
});

test("an up in the second half of a certificate's life makes another, and one in the first half does not", () => {
  const at = (day: number) => halfOfLife(30, new Date(day * 86_400_000));
  assert.equal(at(30), at(44.9));
  assert.notEqual(at(30), at(45));
});

refused([
  [
    "kubernetes.operators",
    [{ name: "Anna", clusterRole: "view" }],
    /operators\[0\]\.name \(Anna\): is not a host name/,
  ],
  ["kubernetes.operators", [{ name: "anna" }], /operators\[0\]\.clusterRole: is missing/],
  [
    "kubernetes.operators",
    [{ name: "anna", clusterRole: "system:masters" }],
    /clusterRole \(system:masters\): is a role of Kubernetes' own components; choose view/,
  ],
  [
    "kubernetes.operators",
    [{ name: "anna", clusterRole: "View" }],
    /clusterRole \(View\): is not the name of a ClusterRole/,
  ],
  [
    "kubernetes.operators",
    [{ name: "anna", clusterRole: "view", groups: ["system:masters"] }],
    /Unrecognized key: "groups"/,
  ],
  ["kubernetes.operators", [{ name: "anna", clusterRole: "view", certificate: 0 }], /certificate \(0\): Too small/],
  [
    "kubernetes.operators",
    [
      { name: "anna", clusterRole: "view" },
      { name: "anna", clusterRole: "edit" },
    ],
    /operators\[1\]: is there already as \[0\]; remove one/,
  ],
]);

accepted([
  ["kubernetes.operators", []],
  ["kubernetes.operators", [{ name: "anna", clusterRole: "kjerne:reader", certificate: 3 }]],
]);
