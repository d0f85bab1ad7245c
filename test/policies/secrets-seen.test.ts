import assert from "node:assert/strict";
import { test } from "node:test";
import { Secret } from "@pulumi/policy";
import type { Finding } from "../../policies/rule";
import { masked, noSecretsSeen, rememberSecrets, withoutSecret } from "../../policies/secrets-seen";

function seenIn(properties: object) {
  const seen = noSecretsSeen();
  rememberSecrets(seen, "u", properties);
  return seen;
}

const finding = (field: string, urn = "u"): Finding => ({ urn, field, state: "violated", read: "docker.io/shop" });

test("what is a secret, or within one, is not repeated; what lies beside it is", () => {
  const seen = seenIn({
    spec: { containers: [{ image: "a-plain-image" }, { image: new Secret("a-secret-image") }], host: "plain" },
    metadata: new Secret({ labels: { team: "secret-team" } }),
    stdin: new Secret("kind: ClusterConfiguration"),
  });
  const read = (field: string, urn?: string) => withoutSecret(seen, finding(field, urn)).read;
  for (const field of [
    "spec.containers[1].image",
    "metadata.labels.team",
    "metadata",
    "stdin: ClusterConfiguration",
    "stdin[0]",
  ])
    assert.equal(read(field), undefined, field);
  for (const field of ["spec.containers[0].image", "spec.containers[1].imagePullPolicy", "spec", "metadatas.x", ""])
    assert.equal(read(field), "docker.io/shop", field);
  assert.equal(read("stdin", "another"), "docker.io/shop");
  const text = "a-plain-image, a-secret-image, secret-team, plain";
  assert.equal(masked(seen, text), "a-plain-image, [secret], [secret], plain");
});

test("a secret that holds another one leaves no rest of it, and a word of three letters stays in every sentence", () => {
  const seen = seenIn({
    a: new Secret("hunter"),
    b: new Secret("hunter2-and-more"),
    c: new Secret("is"),
    d: new Secret("    "),
  });
  assert.equal(masked(seen, "It is hunter2-and-more,    not hunter."), "It is [secret],    not [secret].");
  assert.equal(masked(seenIn({ a: new Secret(7), b: new Secret(null) }), "7"), "7");
  assert.equal(masked(seenIn({ a: new Secret("word") }), "a word"), "a [secret]");
  assert.equal(masked(seenIn({ a: new Secret("x".repeat(2_000)) }), "x".repeat(2_000)), "[secret]");
  assert.equal(masked(seenIn({ a: new Secret("x".repeat(2_001)) }), "x".repeat(2_001)), "x".repeat(2_001));
});

test("a value that is not known yet is looked at without an error", () => {
  const proxied = new Proxy(
    { host: {} },
    {
      get: (target, name) => {
        if (name === "__isSpecialProxy") return true;
        if (name === "__getSpecialProxyTarget") return target;
        throw new Error("it is not known yet");
      },
    },
  );
  assert.deepEqual(seenIn({ connection: proxied }).paths.get("u"), []);
});
