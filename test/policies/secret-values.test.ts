import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { makePackUnderTest, type PackUnderTest } from "./packs";
import type { Described } from "./programs/resources";

let pack: PackUnderTest;
before(async () => {
  pack = await makePackUnderTest("kjerne");
});
after(() => pack?.remove());

const canary = (word: string) => `canary-${word}`;
const object = (type: string, name: string, properties: object, secrets: readonly string[]): Described => ({
  ...{ type: `kubernetes:${type}`, name, properties: { metadata: { name }, ...properties }, secrets },
});
const pod = { containers: [{ name: "web", image: `docker.io/${canary("image")}/web:1` }] };

/** Each breaks a rule by a value that is a Pulumi secret, → the rule. */
const wrong: readonly (readonly [rule: string, resource: Described])[] = [
  ["SEC-12", object("core/v1:Pod", "image", { spec: pod }, ["spec"])],
  ["NET-07", object("core/v1:Service", "type", { spec: { type: canary("Type") } }, ["spec"])],
  [
    "NET-04",
    object("core/v1:Pod", "namespace", { metadata: { namespace: canary("namespace") }, spec: {} }, ["metadata"]),
  ],
  [
    "NET-04",
    object("core/v1:Namespace", "labels", { metadata: { name: canary("space"), labels: { a: canary("label") } } }, [
      "metadata",
    ]),
  ],
  [
    "RES-11",
    object("storage.k8s.io/v1:StorageClass", "class", { provisioner: canary("provisioner") }, ["provisioner"]),
  ],
  [
    "RES-02",
    {
      type: "command:remote:Command",
      name: "command",
      properties: { connection: { host: `${canary("host")}.example` }, create: "true" },
      secrets: ["connection"],
    },
  ],
  [
    "SEC-07",
    {
      type: "command:remote:Command",
      name: "kubeadm",
      properties: {
        connection: { host: "10.20.0.31" },
        create: "kubeadm init --config /dev/stdin >/dev/null",
        stdin: `apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\napiServer:\n  extraArgs:\n  - name: anonymous-auth\n    value: ${canary("argument")}\n`,
      },
      secrets: ["stdin"],
    },
  ],
  [
    "RES-12",
    {
      type: "kjerne:residency:Backup",
      name: "etcd",
      properties: { store: `s3://etcd?endpoint=${canary("store")}.amazonaws.com`, country: "DE" },
      secrets: ["store"],
    },
  ],
];

test("no message repeats a value that is a Pulumi secret, whichever rule it breaks", async () => {
  const { output, violations } = await pack.preview(wrong.map(([, resource]) => resource));
  for (const [rule, { type, name }] of wrong) {
    const about = violations.filter(({ urn }) => urn.endsWith(`${type}::${name}`));
    assert.ok(
      about.some(({ message }) => message.startsWith(`${rule} `)),
      `${rule} says nothing of ${name}`,
    );
  }
  assert.doesNotMatch(output, /canary-/);
  assert.deepEqual(
    violations.filter(({ message }) => message.includes("canary-")),
    [],
  );
});

test("a value that is no secret is repeated, beside one that is", async () => {
  const { violations } = await pack.preview(wrong.map(([, resource]) => ({ ...resource, secrets: [] })));
  const repeated = violations
    .filter(({ message }) => message.includes("canary-"))
    .map(({ urn }) => urn.split("::").at(-1));
  assert.ok(new Set(repeated).size >= 4, `only ${repeated}`);
});
