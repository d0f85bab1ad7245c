import assert from "node:assert/strict";
import { test } from "node:test";
import { documentsIn, hasDocument } from "../../policies/kubernetes/documents";
import { type Resource, unknown } from "../../policies/rule";
import { asResources } from "./described";

const kubelet = { apiVersion: "kubelet.config.k8s.io/v1beta1", kind: "KubeletConfiguration" };
const yaml = `apiVersion: "${kubelet.apiVersion}"\nkind: ${kubelet.kind}\n`;
const resource = (properties: object, type = "command:remote:Command") =>
  asResources([{ type, name: "c", properties: { ...properties } }])[0] as Resource;
const contents = (properties: object, type?: string) =>
  documentsIn([resource(properties, type)], "KubeletConfiguration").map(({ content }) => content);

const ways: readonly [way: string, properties: object, content?: object][] = [
  ["in a command that creates", { create: `cat <<A\n${yaml}A\n` }],
  ["in a command that updates", { update: `cat <<A\n${yaml}A\n` }],
  ["on stdin", { stdin: yaml }],
  ["in the content of a file", { content: yaml }],
  ["in the source of a copied file", { source: { text: yaml } }],
  ["in the asset of a copied file", { asset: { text: yaml } }],
  ["in compact JSON", { stdin: JSON.stringify({ ...kubelet, seccompDefault: false }) }, { seccompDefault: false }],
  ["in a JSON list", { stdin: JSON.stringify([{ other: 1 }, kubelet]) }],
  ["in JSON that packs texts", { stdin: JSON.stringify({ files: { a: yaml } }) }],
  ["in JSON that packs lines", { stdin: JSON.stringify({ files: { a: { lines: yaml.split("\n") } } }) }],
  ["in files of kjerne's own", { files: { "/etc/a.yaml": { mode: "0644", lines: yaml.split("\n") } } }],
  ["in JSON beside other values", { stdin: JSON.stringify({ none: null, one: 1, files: [yaml, { b: 1 }, null] }) }],
  [
    "in the second of two here-documents",
    { create: `cat <<A\n${yaml.replaceAll("kubelet.", "x.")}A\ncat <<B\n${yaml}B\nrun` },
  ],
  [
    "after a separator, with kind before apiVersion",
    { stdin: `a: 1\n---\nkind: ${kubelet.kind}\n${yaml.split("\n")[0]}\n` },
  ],
  ["after a script that mentions kinds", { stdin: `echo no kind: none\n${yaml}` }],
  ["that has words in capitals", { stdin: `${yaml}NAME: a\nclusterName: OSLO\n` }, { NAME: "a", clusterName: "OSLO" }],
];
for (const [way, properties, more] of ways) {
  test(`a configuration file ${way} is found`, () => {
    const type = "files" in properties ? "kjerne-drift:index:NodeFiles" : undefined;
    assert.deepEqual(contents(properties, type), [{ ...kubelet, ...more }]);
  });
}

test("a configuration file in a ConfigMap or a ConfigMapPatch is found", () => {
  for (const type of ["kubernetes:core/v1:ConfigMap", "kubernetes:core/v1:ConfigMapPatch"]) {
    assert.deepEqual(contents({ data: { "config.yaml": yaml } }, type), [kubelet]);
  }
});

test("a configuration file that can't be parsed has unknown content", () => {
  assert.deepEqual(contents({ stdin: `${yaml}a: [` }), [unknown]);
  assert.deepEqual(contents({ stdin: `data:\n  a: |\n    ${yaml.replaceAll("\n", "\n    ")}` }), [unknown]);
});

test("files in other resources, and of other kinds, are not found", () => {
  assert.equal(hasDocument(resource({ stdin: yaml }, "any:other:Thing"), "KubeletConfiguration"), false);
  assert.equal(
    hasDocument(resource({ data: { a: yaml } }, "kubernetes:core/v1:Secret"), "KubeletConfiguration"),
    false,
  );
  assert.equal(hasDocument(resource({ stdin: yaml }), "ClusterConfiguration"), false);
});
