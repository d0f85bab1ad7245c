import assert from "node:assert/strict";
import { test } from "node:test";
import { imageDigest } from "../../policies/hardening/images";
import { find, outcome, states, unknownValue } from "./described";
import { defaults } from "./hardening-rules";
import { container, workload } from "./objects";
import type { Described } from "./programs/resources";

const digest = `sha256:${"1".repeat(64)}`;
const nodeImage = (images: unknown, name = "image"): Described => ({
  ...{ type: "kjerne:image:NodeImage", name },
  properties: { images },
});
const runs = (image: unknown) => workload("shop", "shop", container({ image }));
const judged = (image: unknown, ...held: Described[]) =>
  find(imageDigest, [runs(image), ...held], defaults).find(({ urn }) => urn.endsWith("::shop-shop"));

for (const [reference, held] of [
  ["nginx", "docker.io/library/nginx:latest"],
  ["nginx:1.27", "docker.io/library/nginx:1.27"],
  ["bitnami/redis:7", "docker.io/bitnami/redis:7"],
  ["quay.io/calico/node:v3", "quay.io/calico/node:v3"],
  ["localhost/shop:1", "localhost/shop:1"],
  ["mirror.eksempel.no:5000/shop", "mirror.eksempel.no:5000/shop:latest"],
] as const) {
  test(`the image ${reference} meets SEC-12 if the node image holds ${held}`, () => {
    const found = judged(reference, nodeImage({ [held]: digest }));
    assert.equal(found?.state, "shown");
    assert.equal(found?.read, `${reference}, on every node as ${digest}`);
  });
}

test("an image with a digest meets SEC-12 without a node image", () => {
  assert.deepEqual([judged(`a@${digest}`)?.state, judged(`a@${digest}`)?.read], ["shown", `a@${digest}`]);
  assert.equal(judged(`a@${digest}0`)?.state, "violated");
});

test("an image with a tag violates SEC-12 unless every machine that was there before holds it as well", () => {
  const image = nodeImage({ "docker.io/library/a:1": digest });
  const machine = (images: object): Described => ({
    ...{ type: "acme:machines:RentedServer", name: "worker1" },
    properties: { site: { country: "NO" }, address: "10.20.0.41", images },
  });
  assert.equal(judged("a:1", image, machine({ "docker.io/library/a:1": digest }))?.state, "shown");
  assert.equal(judged("a:1", image, machine({}))?.state, "violated");
});

test("an image with a tag violates SEC-12 unless every node image holds it", () => {
  const held = nodeImage({ "docker.io/library/a:1": digest });
  for (const nodeImages of [[], [nodeImage({})], [held, nodeImage({}, "other")], [nodeImage(undefined)]]) {
    const found = judged("a:1", ...nodeImages);
    assert.deepEqual([found?.state, found?.read], ["violated", "a:1"]);
  }
  assert.equal(judged("a:1", nodeImage(unknownValue))?.state, "violated");
  assert.match(judged(unknownValue, held)?.reason ?? "", /^The value is not known yet/);
});

for (const [held, state] of [
  [digest, "shown"],
  [`${digest}0`, "violated"],
  [`x${digest}`, "violated"],
  ["1.27", "violated"],
] as const) {
  test(`a node image that holds an image with digest ${held} ${outcome("SEC-12", state)}`, () => {
    assert.deepEqual(states(find(imageDigest, [nodeImage({ "docker.io/library/a:1": held })], defaults)), [state]);
  });
}

test("SEC-12 also judges the image with which the verification probes the network", () => {
  const probing = (image: string) => ({
    ...{ type: "kjerne:verify:Verification", name: "v" },
    properties: { wanted: { probe: { image } } },
  });
  assert.deepEqual(states(find(imageDigest, [probing(`a@${digest}`)], defaults)), ["shown"]);
  assert.deepEqual(states(find(imageDigest, [probing("a:1")], defaults)), ["violated"]);
});
