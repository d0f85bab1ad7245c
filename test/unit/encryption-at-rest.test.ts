import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import type * as pulumi from "@pulumi/pulumi";
import { ControlPlane, type ControlPlaneArgs } from "../../components/cluster/control-plane";
import * as samples from "./cluster-samples";
import { isSecret, prepared, registered, runs, settled } from "./registered";

/** Keys of the control plane's encryption: resource name → whether the engine keeps it. */
let kept: Record<string, unknown> = {};
beforeEach(() => {
  kept = {};
});
const keep: pulumi.ResourceTransformation = ({ name, opts }) => {
  if (/-encryption-key(-\d+)?$/.test(name)) kept[name] = [opts.protect, opts.retainOnDelete];
  return undefined;
};

async function steps(args: Partial<ControlPlaneArgs>): Promise<string[]> {
  const others = ["2", "3"].map((n) => ({ name: `cp${n}`, address: `10.20.0.1${n}` }));
  const nodes = [samples.cp1, ...others].map((one) => prepared(one, samples.facts));
  new ControlPlane("ha", { facts: samples.facts, nodes, ...args }, { transformations: [keep] });
  await settled();
  return registered.filter((one) => runs(one) && /-encryption|-init$/.test(one.name)).map(({ name }) => name);
}

test("with the first key the cluster starts once the first control plane has its file, and nothing is rewritten", async () => {
  const made = await steps({});
  assert.deepEqual([...made].sort(), ["cp1-encryption", "cp1-init", "cp2-encryption", "cp3-encryption"]);
  assert.ok(made.indexOf("cp1-encryption") < made.indexOf("cp1-init"), made.join(", "));
  assert.deepEqual(kept, { "ha-encryption-key": [true, true] });
});

test("a second key reads on every API server before it writes on one, and the first goes when all is rewritten", async () => {
  assert.deepEqual(await steps({ encryptionKey: 2 }), [
    ...["cp1-encryption-key-reads", "cp2-encryption-key-reads", "cp3-encryption-key-reads"],
    ...["cp1-encryption-key-writes", "cp2-encryption-key-writes", "cp3-encryption-key-writes"],
    "ha-encryption-rewrite",
    ...["cp1-encryption", "cp2-encryption", "cp3-encryption"],
    "cp1-init",
  ]);
  const namesIn = (name: string) => {
    const { files, stdin = files } = registered.find((made) => runs(made) && made.name === name)?.inputs ?? {};
    assert.ok(isSecret(stdin), name);
    return [...new Set(JSON.stringify(stdin).match(/name: key\d+/g))].map((found) => found.slice(6));
  };
  assert.deepEqual(["cp1-encryption-key-reads", "cp1-encryption-key-writes", "cp1-encryption"].map(namesIn), [
    ["key1", "key2"],
    ["key2", "key1"],
    ["key2"],
  ]);
});

test("every key that ever was stays in the state, protected unless the settings say otherwise", async () => {
  await steps({ encryptionKey: 3 });
  const names = ["ha-encryption-key", "ha-encryption-key-2", "ha-encryption-key-3"];
  assert.deepEqual(kept, Object.fromEntries(names.map((name) => [name, [true, true]])));
  await steps({ encryptionKey: 3, deletionProtection: false });
  assert.deepEqual(kept, Object.fromEntries(names.map((name) => [name, [false, true]])));
});
