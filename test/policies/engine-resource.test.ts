import assert from "node:assert/strict";
import { test } from "node:test";
import { type ResourceValidationArgs, unknownCheckingProxy } from "@pulumi/policy";
import { asset } from "@pulumi/pulumi";
import { engineResource } from "../../policies/engine-resource";
import { unknown } from "../../policies/rule";
import { unknownValue } from "./described";

/** The resource that rules see if the SDK hands over these properties through its proxy. */
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

test("unknown values are marked at any depth, and known values beside them are kept", async () => {
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

test("undefined counts as unknown, and an error in a getter is thrown on", async () => {
  assert.deepEqual((await seen({ none: undefined })).properties, { none: unknown });
  const broken = {
    get country(): string {
      throw new TypeError("broken");
    },
  };
  await assert.rejects(seen(broken), /broken/);
});

test("rules see the text of a StringAsset and the path of a FileAsset", async () => {
  const { properties } = await seen({
    text: new asset.StringAsset("kind: ClusterConfiguration"),
    file: new asset.FileAsset("/etc/hosts"),
  });
  assert.equal((properties.text as { text?: unknown }).text, "kind: ClusterConfiguration");
  assert.equal((properties.file as { path?: unknown }).path, "/etc/hosts");
});

test("rules see the options protect, additionalSecretOutputs and parent", async () => {
  const { protect, additionalSecretOutputs, parent } = await seen({});
  assert.deepEqual([protect, additionalSecretOutputs, parent], [true, ["stdout"], "urn:pulumi:dev::test::a:b:P::p"]);
});
