import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { type EncryptionKey, renderEncryption } from "../../node-config/encryption";
import { until } from "../../tools/lab/until";
import { run } from "../../tools/run";
import { type ControlPlane, startControlPlane } from "./control-plane";
import { type EncryptingNode, encryptingNode } from "./encrypting-node";
import { countOnAndOn, putRaw, stored } from "./stored-secrets";

const key = (number: number): EncryptionKey => ({ name: `key${number}`, secret: randomBytes(32).toString("base64") });
const [key1, key2, key3, key4] = [key(1), key(2), key(3), key(4)];

let cluster: ControlPlane;
/** Two control planes, each with an API server and an encryption.yaml of its own, on one etcd. */
let cp1: EncryptingNode;
let cp2: EncryptingNode;

before(async () => {
  [cp1, cp2] = await Promise.all([encryptingNode(), encryptingNode()]);
  for (const node of [cp1, cp2]) await node.write(renderEncryption([key1]));
  cluster = await startControlPlane({ "encryption-provider-config": cp1.file });
  await cp1.runs(cluster.apiServer, cluster.binDirectory);
  await cp2.runs(await cluster.addApiServer(cp2.file), cluster.binDirectory);
  for (let start = 0; start < 300; start += 100) await createSecrets(start, 100);
  await cluster.kubectl(["create", "namespace", "bank"]);
  await cluster.kubectl(["create", "configmap", "rates", "--namespace", "bank", "--from-literal", "euribor=2.1"]);
});
after(async () => {
  await cluster?.stop();
  for (const node of [cp1, cp2]) await node?.remove();
});

async function createSecrets(start: number, count: number): Promise<void> {
  const items = Array.from({ length: count }, (_, index) => ({
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: `secret-${start + index}`, namespace: "default" },
    // Of every length modulo the 16 bytes of a block, and longer than one.
    stringData: { word: `word ${"x".repeat(index)}` },
    ...(index % 10 === 0 ? { immutable: true } : {}),
  }));
  await cluster.kubectl(["create", "--filename", "-"], JSON.stringify({ apiVersion: "v1", kind: "List", items }));
}

const read = (keys: Parameters<typeof renderEncryption>[0], key: EncryptionKey, controlPlanes?: string[]) =>
  JSON.stringify({ key: key.name, configuration: renderEncryption(keys), controlPlanes });

/** The steps of a change from one key to the next, as the engine takes them: each on every control plane. */
const reads = async (node: EncryptingNode, from: EncryptionKey, to: EncryptionKey) =>
  node.run("kubeadm/advance-encryption.sh", read([from, to], to));
const writes = async (node: EncryptingNode, from: EncryptionKey, to: EncryptionKey) =>
  node.run("kubeadm/advance-encryption.sh", read([to, from], to));
const rewrite = (to: EncryptionKey) => cp1.run("kubeadm/rewrite-encrypted.sh", JSON.stringify({ key: to.name }));
async function drops(node: EncryptingNode, to: EncryptionKey) {
  await node.run("kubeadm/check-encryption.sh", renderEncryption([to]));
  await node.write(renderEncryption([to]));
  await node.use();
}

/** Each object's data, as both API servers read it. */
async function data(): Promise<Record<string, unknown>> {
  const read = async (node: EncryptingNode) => {
    const { items } = JSON.parse(
      await node.kubectl(["get", "secrets,configmaps", "--all-namespaces", "--output", "json"]),
    );
    return Object.fromEntries(
      items.map((item: { kind: string; metadata: { namespace: string; name: string }; data: unknown }) => [
        `${item.kind} ${item.metadata.namespace}/${item.metadata.name}`,
        item.data,
      ]),
    );
  };
  const [first, second] = await Promise.all([read(cp1), read(cp2)]);
  assert.deepEqual(first, second);
  return first;
}

test("a new key takes over while Secrets are written through both API servers, killed in the rewrite and run again", async () => {
  const before = await data();
  const writer = countOnAndOn(cp1, cp2);
  for (const node of [cp1, cp2]) await reads(node, key1, key2);
  assert.deepEqual(Object.keys(await stored(cluster)), ["key1"]);
  for (const node of [cp1, cp2]) await writes(node, key1, key2);

  const cutOff = cp1.start("kubeadm/rewrite-encrypted.sh", JSON.stringify({ key: "key2" }));
  await until("a part rewritten", 60, async () => ((await stored(cluster)).key2 ?? 0) > 50);
  cutOff.kill();
  await cutOff.ended;
  const half = await stored(cluster);
  assert.ok(half.key1 && half.key2, JSON.stringify(half));
  await assert.rejects(cp1.run("kubeadm/check-encryption.sh", renderEncryption([key2])), /is encrypted by key1/);

  await rewrite(key2);
  const written = await writer.stop();
  assert.deepEqual(Object.keys(await stored(cluster)), ["key2"]);
  for (const node of [cp1, cp2]) await drops(node, key2);
  for (const node of [cp1, cp2]) assert.equal(await readFile(node.file, "utf8"), renderEncryption([key2]));
  const { "Secret default/counter": counter, ...others } = await data();
  assert.deepEqual(counter, { count: Buffer.from(`${written}`).toString("base64") });
  assert.deepEqual(others, before);
});

test("steps that were taken are not taken again, and restart nothing", async () => {
  const running = await Promise.all([cp1.pid(), cp2.pid()]);
  for (const node of [cp1, cp2]) await reads(node, key1, key2);
  for (const node of [cp1, cp2]) await writes(node, key1, key2);
  await rewrite(key2);
  await cp1.use();
  assert.deepEqual(await Promise.all([cp1.pid(), cp2.pid()]), running);
  assert.equal(await readFile(cp1.file, "utf8"), renderEncryption([key2]));
});

const wrong: readonly [string, Parameters<typeof renderEncryption>[0], RegExp][] = [
  [
    "another key of the same name",
    [{ ...key1, name: "key2" }],
    /can't read \d+ of \d+.*\n.*another key of the name key2/,
  ],
  ["no key that is in use", [key3], /is encrypted by key2/],
  ["a key that was not read before it writes", [key3, key2], /key3 would write at once/],
];
for (const [what, keys, words] of wrong) {
  test(`an encryption configuration with ${what} is refused before the API server restarts`, async () => {
    const running = await cp1.pid();
    await assert.rejects(cp1.run("kubeadm/check-encryption.sh", renderEncryption(keys)), words);
    // Put there by hand, it is not taken over either.
    await cp1.write(renderEncryption(keys));
    if (keys.length === 1) await assert.rejects(cp1.use(), words);
    await cp1.write(renderEncryption([key2]));
    assert.equal(await cp1.pid(), running);
  });
}

test("a step to a key two further on is refused, and the file stays", async () => {
  await assert.rejects(reads(cp1, key3, key4), /is encrypted by key2/);
  assert.equal(await readFile(cp1.file, "utf8"), renderEncryption([key2]));
});

test("a control plane that the settings don't name stops the first step, since it would not get the key", async () => {
  const node = {
    apiVersion: "v1",
    kind: "Node",
    metadata: { name: "cp9", labels: { "node-role.kubernetes.io/control-plane": "" } },
  };
  await cluster.kubectl(["create", "--filename", "-"], JSON.stringify(node));
  const step = read([key2, key3], key3, ["cp1", "cp2"]);
  await assert.rejects(cp1.run("kubeadm/advance-encryption.sh", step), /cp9: control planes of this cluster/);
  await cluster.kubectl(["delete", "node", "cp9"]);
});

test("a Secret that can't be decrypted is named, by the check of a new file and by the rewrite", async () => {
  const path = "/registry/secrets/default/secret-7";
  const [program, ...args] = cluster.etcdctl;
  const { kvs } = JSON.parse(await run(program, [...args, "get", path, "--write-out", "json"]));
  const whole = Buffer.from(kvs[0].value, "base64");
  const checked = () => cp1.run("kubeadm/check-encryption.sh", renderEncryption([key2, key4]));

  const damaged = Buffer.from(whole);
  damaged[damaged.length - 1] = (damaged.at(-1) ?? 0) ^ 1;
  await putRaw(cluster, path, damaged);
  await assert.rejects(checked(), /1 of \d+.*\n {2}secrets\/default\/secret-7 was written with another key .* damaged/);

  await putRaw(cluster, path, Buffer.from(whole.toString("latin1").replace("key2", "key1"), "latin1"));
  await assert.rejects(checked(), /1 of \d+.*\n {2}secrets\/default\/secret-7 is encrypted by key1/);
  await assert.rejects(rewrite(key2), /the old key stays until they are:\n {2}secrets\/default\/secret-7: /);

  await putRaw(cluster, path, whole);
  await checked();
  await rewrite(key2);
});
