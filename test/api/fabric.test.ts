import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { fabricObjects } from "../../components/network/fabric";
import { untilSucceeds } from "../../tools/lab/until";
import { type ControlPlane, startControlPlane } from "./control-plane";

let controlPlane: ControlPlane;

const pod = (spec: object) =>
  JSON.stringify({
    ...{ apiVersion: "v1", kind: "Pod", metadata: { name: "rank0" } },
    spec: { containers: [{ name: "rank", image: "none" }], ...spec },
  });
const create = (namespace: string, manifest: string) =>
  controlPlane.kubectl(
    ["create", "--dry-run=server", "--output", "json", "--namespace", namespace, "--filename", "-"],
    manifest,
  );
const asking = pod({ runtimeClassName: "fabric" });

before(async () => {
  controlPlane = await startControlPlane();
  for (const namespace of ["simulation", "shop"]) await controlPlane.kubectl(["create", "namespace", namespace]);
  const items = fabricObjects({ namespaces: ["simulation", "post-processing"] });
  await controlPlane.kubectl(["create", "--filename", "-"], JSON.stringify({ apiVersion: "v1", kind: "List", items }));
  // The API server takes a policy over some time after it has it.
  await untilSucceeds("the policy of the fabric", 60, () => assert.rejects(create("shop", asking), /fabric/));
});
after(() => controlPlane.stop());

test("a pod that asks for the fabric is refused in a namespace that may not, with the setting that says who may", async () => {
  await assert.rejects(
    create("shop", asking),
    /namespace shop may not use the fabric, where no NetworkPolicy holds; add it to network\.fabric\.namespaces/,
  );
});

test("in a namespace that may, it is taken, and goes only to nodes with a card on the fabric", async () => {
  const { spec } = JSON.parse(await create("simulation", asking));
  assert.deepEqual(spec.nodeSelector, { "kjerne.io/fabric": "true" });
});

test("a pod that does not ask is taken anywhere, and goes anywhere", async () => {
  const { spec } = JSON.parse(await create("shop", pod({})));
  assert.equal(spec.nodeSelector, undefined);
});

test("the same class is refused to a pod that a workload makes", async () => {
  const template = { metadata: { labels: { app: "rank" } }, spec: JSON.parse(asking).spec };
  const set = {
    ...{ apiVersion: "apps/v1", kind: "ReplicaSet", metadata: { name: "ranks" } },
    spec: { replicas: 1, selector: { matchLabels: { app: "rank" } }, template },
  };
  await controlPlane.kubectl(["create", "--namespace", "shop", "--filename", "-"], JSON.stringify(set));
  await untilSucceeds("an event that says why no pod comes", 60, async () => {
    const events = await controlPlane.kubectl(["get", "events", "--namespace", "shop"]);
    assert.match(events, /FailedCreate.*may not use the fabric/);
  });
});
