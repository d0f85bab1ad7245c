import assert from "node:assert/strict";
import { test } from "node:test";
import { type ResourceValidationArgs, unknownCheckingProxy } from "@pulumi/policy";
import { asset } from "@pulumi/pulumi";
import { engineResource } from "../../policies/engine-resource";
import { unknown } from "../../policies/rule";
import { unknownValue } from "./packs";

/** What a rule sees of these properties, through the SDK's own proxy. */
async function seen(properties: object) {
  const given = {
    urn: "urn:pulumi:dev::test::a:b:C::c",
    type: "a:b:C",
    name: "c",
    props: unknownCheckingProxy(properties),
    opts: { protect: true, additionalSecretOutputs: ["stdout"], parent: "urn:pulumi:dev::test::a:b:P::p" },
  };
  return engineResource(given as unknown as ResourceValidationArgs);
}

test("unknown values are marked wherever they stand, and hide nothing beside them", async () => {
  const { properties } = await seen({
    site: { country: unknownValue, city: "Oslo" },
    list: [1, unknownValue, { deep: unknownValue, known: true }],
    nothing: null,
  });
  assert.deepEqual(properties, {
    site: { country: unknown, city: "Oslo" },
    list: [1, unknown, { deep: unknown, known: true }],
    nothing: null,
  });
});

test("what is no data is not known, and an error is no unknown value", async () => {
  assert.deepEqual((await seen({ none: undefined })).properties, { none: unknown });
  const broken = {
    get country(): string {
      throw new TypeError("broken");
    },
  };
  await assert.rejects(seen(broken), /broken/);
});

test("the text of an asset can be read, the path of a file too", async () => {
  const { properties } = await seen({
    text: new asset.StringAsset("kind: ClusterConfiguration"),
    file: new asset.FileAsset("/etc/hosts"),
  });
  assert.equal((properties.text as { text?: unknown }).text, "kind: ClusterConfiguration");
  assert.equal((properties.file as { path?: unknown }).path, "/etc/hosts");
});

test("options that rules judge come along", async () => {
  const { protect, additionalSecretOutputs, parent } = await seen({});
  assert.deepEqual([protect, additionalSecretOutputs, parent], [true, ["stdout"], "urn:pulumi:dev::test::a:b:P::p"]);
});
