import assert from "node:assert/strict";
import { test } from "node:test";
import { packs } from "../../policies/all";
import { opaqueObjects } from "../../policies/hardening/opaque-objects";
import { isAbout, judge, judgeBefore } from "../../policies/judge";
import { knownKinds } from "../../policies/residency/closed-world";
import { needNoRule, readByRules } from "../../policies/residency/known-kinds";
import { isViolation } from "../../policies/rule";
import { asResources, states } from "./described";
import { defaults as hardeningDefaults } from "./hardening-rules";
import type { Described } from "./programs/resources";
import { defaults } from "./residency-complaints";

const hardening = { ...hardeningDefaults, today: "2026-11-20" };

const any = (type: string, properties: object = {}, parent?: string): Described => ({
  ...{ type, name: type.replace(/\W/g, "-"), parent },
  properties: { ...properties },
});

const unread = [
  "aws:s3/bucket:Bucket",
  "aws:rds/instance:Instance",
  "azure-native:storage:StorageAccount",
  "gcp:storage/bucket:Bucket",
  "cloudflare:index/record:Record",
  "docker:index/image:Image",
  "docker-build:index:Image",
  "pulumi-nodejs:dynamic:Resource",
  "pulumi-python:dynamic:Resource",
  "pulumi:providers:aws",
  "random:index/randomElsewhere:RandomElsewhere",
  "kubernetes:velero.io/v1:BackupStorageLocation",
  "kubernetes:snapshot.storage.k8s.io/v1:VolumeSnapshotClass",
  "kubernetes:external-secrets.io/v1:ClusterSecretStore",
  "kubernetes:cilium.io/v2:CiliumNetworkPolicy",
  "kubernetes:traefik.io/v1alpha1:IPAllowList",
];

for (const type of unread) {
  test(`RES-39: ${type} is unverifiable before it is made, with the way to allow it`, () => {
    const [resource] = asResources([any(type)]);
    assert.ok(resource && isAbout(knownKinds, resource));
    const [finding] = judgeBefore(knownKinds, resource, defaults);
    assert.equal(finding?.state, "unverifiable");
    assert.match(finding.wayOut ?? "", /otherKinds/);
  });
}

const read = [
  "pulumi:pulumi:Stack",
  "pulumi:pulumi:StackReference",
  "command:remote:Command",
  "kjerne-drift:index:NodeScript",
  "kjerne-drift:index:LocalProgram",
  "kubernetes:apps/v1:Deployment",
  "kubernetes:core/v1:SecretPatch",
  "kubernetes:crd.projectcalico.org/v1:IPPool",
  "random:index/randomPassword:RandomPassword",
];

test("RES-39: kinds that a rule reads, and those that a list names, pass", () => {
  for (const type of read)
    assert.deepEqual(states(judge(knownKinds, asResources([any(type)]), defaults)), ["shown"], type);
});

test("RES-39 does not judge components of anybody's package, but what a provider makes for them", () => {
  const resources = asResources([any("acme:infra:Shop"), any("acme:infra/shop:Web"), any("kjerne:cluster:Cluster")]);
  for (const resource of resources) assert.ok(!isAbout(knownKinds, resource), resource.type);
  const [made] = resources.map((resource) => ({ ...resource, hasProvider: true }));
  assert.ok(made);
  assert.deepEqual(states(judge(knownKinds, [made], defaults)), ["unverifiable"]);
});

test("RES-39: every item of a list is judged, and one that can't be read is unverifiable", () => {
  const items = [{ apiVersion: "v1", kind: "Pod" }, { apiVersion: "velero.io/v1", kind: "BackupStorageLocation" }, {}];
  const found = judge(knownKinds, asResources([any("kubernetes:core/v1:List", { items })]), defaults);
  assert.deepEqual(
    found.map(({ field, state }) => `${field} ${state}`),
    ["items[0].type shown", "items[1].type unverifiable", "items[2].type unverifiable"],
  );
});

test("RES-39 accepts a kind that the parameter otherKinds names with a reason", () => {
  const otherKinds = [
    { kind: "aws:s3/bucket:Bucket", why: "Somebody looked." },
    { kind: "velero.io/BackupStorageLocation", why: "Somebody looked." },
  ];
  for (const type of ["aws:s3/bucket:Bucket", "kubernetes:velero.io/v1:BackupStorageLocation"])
    assert.deepEqual(states(judge(knownKinds, asResources([any(type)]), { ...defaults, otherKinds })), ["shown"]);
});

const everyRule = Object.values(packs).flatMap(({ rules }) => rules);

test("each kind that is listed as read by a rule is read by that rule", () => {
  for (const [id, kinds] of Object.entries(readByRules)) {
    const rule = everyRule.find((one) => one.id === id) ?? assert.fail(id);
    for (const kind of kinds) {
      const type = kind.includes(":") ? kind : `kubernetes:${kind.replace(/^\//, "core/").replace("/", "/v1:")}`;
      const [resource] = asResources([any(type)]);
      assert.ok(resource && rule.appliesTo(resource), `${id} ${type}`);
    }
  }
});

test("no kind is listed twice, and each reason is a sentence that names rules that exist", () => {
  const listed = [...Object.values(readByRules).flat(), ...Object.keys(needNoRule)];
  assert.equal(new Set(listed).size, listed.length);
  const ids = everyRule.map(({ id }) => id);
  for (const why of Object.values(needNoRule)) {
    assert.match(why, /^[A-Zk].{20,}\.$/);
    for (const id of why.match(/[A-Z]{3}-\d+/g) ?? []) assert.ok(ids.includes(id), why);
  }
});

const empty = [
  "kubernetes:yaml/v2:ConfigGroup",
  "kubernetes:yaml/v2:ConfigFile",
  "kubernetes:helm.sh/v4:Chart",
  "kubernetes:kustomize/v2:Directory",
  "kubernetes:yaml:ConfigFile",
];

for (const type of empty) {
  test(`SEC-13: ${type} without children is unverifiable, and with one its child is judged`, () => {
    const group = any(type);
    assert.deepEqual(states(judge(opaqueObjects, asResources([group]), hardening)), ["unverifiable"]);
    const child = any("kubernetes:apps/v1:Deployment", {}, group.name);
    assert.deepEqual(states(judge(opaqueObjects, asResources([group, child]), hardening)), ["shown"]);
  });
}

test("SEC-13: a component of a plugin's package without children is unverifiable, one of the program's own is not", () => {
  const program = [any("pulumi:providers:awsx"), any("awsx:ec2:Vpc"), any("acme:infra:Shop")];
  const found = judge(opaqueObjects, asResources(program), hardening).filter(isViolation);
  assert.deepEqual(
    found.map(({ urn }) => urn.split("::")[2]),
    ["awsx:ec2:Vpc"],
  );
});

test("SEC-13 refuses a Helm Release before it is made", () => {
  const [release] = asResources([any("kubernetes:helm.sh/v3:Release")]);
  assert.ok(release);
  assert.deepEqual(states(judgeBefore(opaqueObjects, release, hardening)), ["unverifiable"]);
});
