import assert from "node:assert/strict";
import { test } from "node:test";
import { holds, kindOf, nameOf, namespaceOf, objectsOf } from "../../policies/kubernetes/objects";
import { containersOf, hasPods, podsIn } from "../../policies/kubernetes/pods";
import { type Resource, unknown } from "../../policies/rule";
import { asResources, unknownValue } from "./described";
import { container, object, workload } from "./objects";
import type { Described } from "./programs/resources";

const resource = (described: Described) => asResources([described])[0] as Resource;
const typed = (type: string, properties: object = {}) => resource({ type, name: "x", properties: { ...properties } });

for (const [type, kinds] of [
  ["kubernetes:core/v1:Service", ["/Service"]],
  ["kubernetes:core/v1:ServicePatch", ["/Service"]],
  ["kubernetes:apps/v1:Deployment", ["apps/Deployment"]],
  ["kubernetes:crd.projectcalico.org/v1:BGPPeer", ["projectcalico.org/BGPPeer"]],
  ["kubernetes:projectcalico.org/v3:BGPPeer", ["projectcalico.org/BGPPeer"]],
  ["kubernetes:core/v1:ServiceList", ["/Service", "/Service"]],
  ["kubernetes:gateway.networking.k8s.io/v1:ListenerSetList", Array(2).fill("gateway.networking.k8s.io/ListenerSet")],
  ["other-kubernetes:core/v1:Service", []],
  ["command:remote:Command", []],
] as const) {
  test(`a resource of type ${type} declares ${kinds[0] ?? "no object"}`, () => {
    const found = objectsOf(typed(type, { items: [{}, unknownValue] }));
    assert.deepEqual(found.map(kindOf), kinds);
  });
}

test("the items of a List are of the kinds that they state", () => {
  const list = typed("kubernetes:core/v1:List", {
    items: [
      { apiVersion: "v1", kind: "Service" },
      { apiVersion: "apps/v1", kind: "Deployment" },
    ],
  });
  assert.deepEqual(objectsOf(list).map(kindOf), ["/Service", "apps/Deployment"]);
  assert.deepEqual(
    objectsOf(list).map(({ prefix }) => prefix),
    ["items[0].", "items[1]."],
  );
  assert.ok(holds(list, "apps/Deployment") && hasPods(list));
});

test("a name or a namespace that is no text is unknown, and a missing namespace is default", () => {
  const [at, nowhere, odd, late] = [
    { namespace: "shop", name: "a" },
    { namespace: "" },
    { namespace: 7, name: 7 },
    unknownValue,
  ]
    .map((metadata) => objectsOf(typed("kubernetes:core/v1:Service", { metadata }))[0])
    .map((found) => found && [namespaceOf(found), nameOf(found)]);
  assert.deepEqual(at, ["shop", "a"]);
  assert.deepEqual(nowhere, ["default", unknown]);
  assert.deepEqual([odd, late], Array(2).fill([unknown, unknown]));
});

test("pods are found in every kind of workload, and in no other object", () => {
  const template = { template: { spec: container() } };
  const makers = [
    object("core/v1:Pod", "p", { spec: container() }),
    object("core/v1:PodTemplate", "p", template),
    object("core/v1:ReplicationController", "p", { spec: template }),
    ...["DaemonSet", "Deployment", "ReplicaSet", "StatefulSet"].map((kind) => workload("p", "shop", container(), kind)),
    object("batch/v1:Job", "p", { spec: template }),
    object("batch/v1:CronJob", "p", { spec: { jobTemplate: { spec: template } } }),
  ].map(resource);
  for (const maker of makers) {
    assert.ok(hasPods(maker));
    assert.deepEqual(podsIn([maker]).flatMap(containersOf).length, 1, maker.type);
  }
  assert.deepEqual([typed("command:remote:Command"), typed("kubernetes:core/v1:Service")].map(hasPods), [false, false]);
});

test("init and ephemeral containers are found too, and an unknown list counts as one container", () => {
  const [pod] = podsIn([
    resource(workload("p", "shop", { ...container(), initContainers: [{}], ephemeralContainers: unknownValue })),
  ]);
  assert.deepEqual(pod && containersOf(pod).map(({ field }) => field.replace("spec.template.spec.", "")), [
    "initContainers[0]",
    "containers[0]",
    "ephemeralContainers",
  ]);
});
