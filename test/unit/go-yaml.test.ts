import assert from "node:assert/strict";
import { test } from "node:test";
import { parse, parseAllDocuments } from "yaml";
import { reachableAt } from "../../components/cluster/kubeconfig";
import { editCalicoManifest } from "../../components/network/calico-manifest";
import { goYaml } from "../../node-config/go-yaml";
import { renderInit, renderJoin } from "../../node-config/kubeadm";
import { calico, manifest } from "./calico-samples";
import { cp1, credentials, facts, worker1 } from "./cluster-samples";

/** Strings that YAML 1.1, which Go reads, takes for something else where they stand without quotes. */
const words = "no yes on off y N null ~ 1e3 0x10 0X1F 0o17 012 0b11 1_000 .5 +1 1. 12:30:00 2001-01-01 true 1.2".split(
  " ",
);

/** What a reader of YAML 1.1 makes of it, whose words for booleans and numbers are Go's. */
const asGoReads = (yaml: string) => parseAllDocuments(yaml, { version: "1.1" }).map((document) => document.toJS());

for (const word of words) {
  test(`kubeadm reads the name, label and taint ${word} as a string`, () => {
    const node = { ...cp1, name: word, taints: [{ key: word, value: word, effect: "NoSchedule" as const }] };
    const [init, cluster] = asGoReads(renderInit({ ...facts, name: word }, node));
    assert.deepEqual(init?.nodeRegistration, {
      ...init?.nodeRegistration,
      name: word,
      taints: [{ key: word, value: word, effect: "NoSchedule" }],
    });
    assert.equal(cluster?.clusterName, word);
    const [join] = asGoReads(renderJoin(facts, { ...worker1, name: word }, credentials));
    assert.equal(join?.nodeRegistration.name, word);
  });
}

test("a kubeconfig keeps the strings that kubeadm wrote, whatever words they are", () => {
  const written = 'clusters:\n- cluster: {server: x}\n  name: "no"\ncurrent-context: "1e3"\n';
  const read = reachableAt(facts.endpoint, written);
  assert.match(read, /name: "no"/);
  assert.match(read, /current-context: "1e3"/);
});

test("Calico's manifest is read as kubectl would read it", () => {
  const text = `${manifest}---\napiVersion: v1\nkind: Secret\nmetadata: { name: words }\nvalues: [yes, 0400, "no", 12:30:00, 2001-01-01]\n`;
  assert.deepEqual(editCalicoManifest(text, calico).at(-1)?.values, [true, 0o400, "no", "12:30:00", "2001-01-01"]);
});

test("a document that was read and written again says the same to every reader", () => {
  const text = 'a: "no"\nb: yes\nc: [10.20.0.1, 30s, "012"]\n';
  const [document] = parseAllDocuments(text, goYaml);
  assert.equal(document?.toString(), parseAllDocuments(text)[0]?.toString());
  assert.equal(parse(text, goYaml).b, true);
});
