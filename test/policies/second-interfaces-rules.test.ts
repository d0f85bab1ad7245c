import assert from "node:assert/strict";
import { test } from "node:test";
import { find, outcome, states, unknownValue } from "./described";
import { defaults, ruleOf } from "./network-rules";
import { container, object, workload } from "./objects";
import type { Described } from "./programs/resources";

const rule = ruleOf("second-interfaces");
const multus = "k8s.v1.cni.cncf.io/networks";
const asking = (spec: object) => workload("ranks", "simulation", { ...container(), ...spec });
const workloadOfList = {
  ...{ namespace: "simulation", kind: "Deployment", name: "ranks" },
  why: "The fabric has switches of its own.",
};
const annotated = (annotations: unknown) =>
  object(
    "apps/v1:Deployment",
    "ranks",
    { spec: { template: { metadata: { annotations }, spec: container() } } },
    "simulation",
  );

const pods: readonly [what: string, resource: Described, wanted: string][] = [
  ["that asks for nothing", asking({}), "shown"],
  ["of another class", asking({ runtimeClassName: "gvisor" }), "shown"],
  ["of the class fabric", asking({ runtimeClassName: "fabric" }), "violated"],
  ["of an unknown class", asking({ runtimeClassName: unknownValue }), "unverifiable"],
  ["with another annotation", annotated({ owner: "physics" }), "shown"],
  ["with networks of Multus", annotated({ [multus]: "ib-net" }), "violated"],
  ["with unknown networks of Multus", annotated({ [multus]: unknownValue }), "unverifiable"],
  ["with unknown annotations", annotated(unknownValue), "unverifiable"],
];

for (const [what, resource, wanted] of pods) {
  test(`a pod ${what} ${outcome("NET-11", wanted)}`, () => {
    const found = states(find(rule, [resource], defaults));
    // Class and annotation are judged apart; the one that is not set is allowed.
    assert.deepEqual(found.sort(), [...new Set(["shown", wanted])].sort());
  });
}

test("a bare pod's own annotations count", () => {
  const pod = object("core/v1:Pod", "rank0", { metadata: { annotations: { [multus]: "ib-net" } }, spec: container() });
  const [, finding] = find(rule, [pod], defaults);
  assert.deepEqual([finding?.state, finding?.field], ["violated", `metadata.annotations[${multus}]`]);
});

test("a workload of the list, with the reason, may have both, and one of another name, kind or namespace may not", () => {
  const listed = (other: object) => ({
    ...defaults,
    secondInterfaces: [{ ...workloadOfList, ...other }],
  });
  for (const resource of [asking({ runtimeClassName: "fabric" }), annotated({ [multus]: "ib-net" })]) {
    assert.deepEqual(states(find(rule, [resource], listed({}))), ["shown"]);
    for (const other of [{ namespace: "shop" }, { kind: "StatefulSet" }, { name: "rank" }])
      assert.ok(states(find(rule, [resource], listed(other))).includes("violated"), JSON.stringify(other));
  }
});

test("a class by another name is judged where the parameters name it", () => {
  const named = { ...defaults, fabricClasses: ["ib"] };
  assert.ok(states(find(rule, [asking({ runtimeClassName: "ib" })], named)).includes("violated"));
  assert.ok(!states(find(rule, [asking({ runtimeClassName: "fabric" })], named)).includes("violated"));
});
