import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { fabricAttachmentObjects } from "../../components/network/fabric-attachments";
import { untilSucceeds } from "../../tools/lab/until";
import { type ControlPlane, startControlPlane } from "./control-plane";
import { type NodeScripts, nodeScripts } from "./node-scripts";

const kind = "network-attachment-definitions.k8s.cni.cncf.io";
/** Multus' kind in the shape that its documentation gives: a spec may be left out, and has one text at most. */
const definition = (version: string) => ({
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: { name: kind },
  spec: {
    group: "k8s.cni.cncf.io",
    scope: "Namespaced",
    names: {
      kind: "NetworkAttachmentDefinition",
      plural: "network-attachment-definitions",
      singular: "network-attachment-definition",
    },
    versions: [
      {
        ...{ name: version, served: true, storage: true },
        schema: {
          openAPIV3Schema: {
            type: "object",
            properties: { spec: { type: "object", properties: { config: { type: "string" } } } },
          },
        },
      },
    ],
  },
});

const namespaces = ["simulation", "post-processing"];
const { rule, definitions } = fabricAttachmentObjects({ namespaces });
const asked = { name: "kjerne-fabric", namespaces };

let controlPlane: ControlPlane;
let scripts: NodeScripts;

const list = (items: readonly object[]) => JSON.stringify({ apiVersion: "v1", kind: "List", items });
const apply = (items: readonly object[], manager = "kjerne") =>
  controlPlane.kubectl(["apply", "--server-side", "--field-manager", manager, "--filename", "-"], list(items));
const ask = (facts = asked) => scripts.run("kubeadm/network-attachments.sh", "create", facts);
const define = async (version: string) => {
  await apply([definition(version)], "multus");
  await controlPlane.kubectl(["wait", "--for", "condition=Established", `customresourcedefinition/${kind}`]);
  await untilSucceeds("the kind", 60, () => controlPlane.kubectl(["get", kind, "--all-namespaces"]));
};

const networks = "k8s.v1.cni.cncf.io/networks";
const first = "v1.multus-cni.io/default-network";
const pod = (annotations: object, name = "rank0") => ({
  ...{ apiVersion: "v1", kind: "Pod", metadata: { name, annotations } },
  spec: { containers: [{ name: "rank", image: "none" }] },
});
const create = (namespace: string, annotations: object) => {
  const argv = ["create", "--dry-run=server", "--namespace", namespace, "--filename", "-"];
  return controlPlane.kubectl(argv, JSON.stringify(pod(annotations)));
};

before(async () => {
  controlPlane = await startControlPlane();
  scripts = await nodeScripts(controlPlane);
  for (const namespace of ["simulation", "shop"]) await controlPlane.kubectl(["create", "namespace", namespace]);
});
after(async () => {
  await controlPlane.stop();
  await scripts.remove();
});

test("a cluster without Multus, or with one of another version, is refused with what to do", async () => {
  const refusal = /network\.fabric\.multus is true and Multus is not here: .*Install Multus, then .*or leave/;
  await assert.rejects(ask(), refusal);
  await define("v1beta1");
  await assert.rejects(ask(), refusal);
  await controlPlane.kubectl(["delete", "customresourcedefinition", kind]);
});

test("a namespace that is not there, and a definition that somebody else made, are refused together", async () => {
  await define("v1");
  const [one] = definitions;
  await apply([{ ...one, spec: { config: "{}" } }], "them");
  await assert.rejects(ask(), (error: Error) => {
    assert.match(error.message, /^namespace post-processing is not here, .*; make it, or take it out/m);
    assert.match(
      error.message,
      /^NetworkAttachmentDefinition simulation\/kjerne-fabric is here already, .*; rename it/m,
    );
    return true;
  });
  await controlPlane.kubectl(["delete", kind, "kjerne-fabric", "--namespace", "simulation"]);
  await controlPlane.kubectl(["create", "namespace", "post-processing"]);
  assert.equal(await ask(), "");
});

test("definitions are taken without a spec, for Multus to find each node's own file, and taken again", async () => {
  await apply([...rule, ...definitions]);
  const found = JSON.parse(await controlPlane.kubectl(["get", kind, "--all-namespaces", "--output", "json"])).items;
  assert.deepEqual(
    found.map(({ metadata, spec }: { metadata: { name: string; namespace: string }; spec?: object }) => [
      metadata.namespace,
      metadata.name,
      spec,
    ]),
    [
      ["post-processing", "kjerne-fabric", undefined],
      ["simulation", "kjerne-fabric", undefined],
    ],
  );
  assert.equal(await ask(), "");
  // The API server takes a policy over some time after it has it.
  const asking = { [networks]: "simulation/kjerne-fabric" };
  await untilSucceeds("the policy", 60, () => assert.rejects(create("shop", asking), /may not use the fabric/));
});

for (const annotation of [
  "kjerne-fabric",
  "other, simulation/kjerne-fabric@net1",
  '[{"name": "kjerne-fabric", "namespace": "simulation"}]',
  '[{"name": "kjerne\\u002dfabric", "namespace": "simulation"}]',
]) {
  test(`a pod that asks Multus for ${annotation} is refused where it may not, and taken where it may`, async () => {
    await assert.rejects(
      create("shop", { [networks]: annotation }),
      /namespace shop may not use the fabric, where no NetworkPolicy holds; add it to network\.fabric\.namespaces/,
    );
    await create("simulation", { [networks]: annotation });
  });
}

test("networks of others are asked for anywhere, and the fabric is no pod's first network", async () => {
  await create("shop", { [networks]: "storage", [first]: "storage" });
  for (const namespace of ["shop", "simulation"])
    for (const annotation of ["simulation/kjerne-fabric", '[{"name":"kjerne\\u002dfabric"}]'])
      await assert.rejects(create(namespace, { [first]: annotation }), /the fabric is no pod's first network/);
});

test("a pod that is there does not get to ask later, and one that asked before the rule can still leave", async () => {
  const put = (object: object, ...more: string[]) =>
    controlPlane.kubectl(["create", "--namespace", "shop", "--filename", "-", ...more], JSON.stringify(object));
  await put({ apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "default" } }).catch(() => {});
  await put(pod({}, "later"));
  const annotate = (name: string, text: string) =>
    controlPlane.kubectl(["annotate", "--overwrite", "pod", name, "--namespace", "shop", text]);
  await assert.rejects(annotate("later", `${networks}=simulation/kjerne-fabric`), /namespace shop may not/);
  await annotate("later", `${networks}=storage`);

  const binding = ["validatingadmissionpolicybinding", "kjerne-fabric-multus"];
  await controlPlane.kubectl(["delete", ...binding]);
  await untilSucceeds("the rule's end", 60, () => create("shop", { [networks]: "kjerne-fabric" }));
  await put(pod({ [networks]: "kjerne-fabric" }, "before"));
  await apply(rule);
  await untilSucceeds("the policy", 60, () => assert.rejects(create("shop", { [networks]: "kjerne-fabric" })));
  await annotate("before", "note=still-here");
});
