import assert from "node:assert/strict";
import { test } from "node:test";
import { probeInput } from "../../components/verify/probe-manifests";
import { probePlan } from "../../components/verify/probe-plan";
import type { FabricKind } from "../../node-config/fabric";
import { wanted } from "./verify/healthy";

const withCards = (...names: string[]) => ({
  ...wanted,
  fabric: { mtu: 9000, kind: "macvlan" as FabricKind },
  nodes: wanted.nodes.map((node) => (names.includes(node.name) ? { ...node, fabricInterface: "fab0" } : node)),
});
const onFabric = (...names: string[]) =>
  probePlan(withCards(...names)).filter(({ runtimeClassName }) => runtimeClassName === "fabric");

test("a pod on each node with a card asks for the fabric, and sends to that of the next such node", () => {
  const pods = onFabric("cp1", "worker1").map(({ node, whole }) => [node, whole.map(({ target }) => target)]);
  assert.deepEqual(pods, [
    ["cp1", ["fabric-worker1"]],
    ["worker1", ["fabric-cp1"]],
  ]);
});

test("the only node with a card has nobody to send to, and where no node has one, no pod asks", () => {
  assert.deepEqual(
    onFabric("worker1").map(({ node, whole }) => [node, whole]),
    [["worker1", []]],
  );
  assert.deepEqual(onFabric(), []);
});

test("an echo and its headers are as large as the fabric's MTU, and only pods that send it are root", () => {
  const plan = probePlan(withCards("cp1", "worker1"));
  const { echoBytes, objects } = probeInput(plan, wanted.probe, 9000);
  assert.equal(echoBytes, 8972);
  type Pod = { kind: string; metadata: { namespace: string }; spec: { securityContext: { runAsUser: number } } };
  const pods = (objects as Pod[]).filter(({ kind }) => kind === "Pod");
  const isRoot = ({ spec }: Pod) => spec.securityContext.runAsUser === 0;
  assert.deepEqual(
    new Set(pods.filter(isRoot).map(({ metadata }) => metadata.namespace)),
    new Set(["kjerne-verify-fabric"]),
  );
  assert.ok(pods.some((pod) => !isRoot(pod)));
});

test("where pods have cards or functions for themselves, no pod of the verification takes one", () => {
  for (const kind of ["host-device", "sr-iov"] as const) {
    const plan = probePlan({ ...withCards("cp1", "worker1"), fabric: { mtu: 9000, kind } });
    assert.deepEqual(
      plan.filter(({ runtimeClassName }) => runtimeClassName),
      [],
    );
  }
});
