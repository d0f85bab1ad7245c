import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { backup } from "./backup-samples";
import { manifest } from "./calico-samples";
import { directory, problems } from "./environments";
import { archiveKey, index, opensshKey, operatorKey, otherKey, publicKeyOf } from "./key-samples";
import { set } from "./refused";

const without = (images: RegExp) =>
  Object.fromEntries(Object.entries(index.images).filter(([name]) => !images.test(name)));
const locked = opensshKey(operatorKey.publicKey, "aes256-ctr");
const encrypted = "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\nAAAA\n-----END RSA PRIVATE KEY-----\n";
const supply = (change: object) => JSON.stringify({ ...index, ...change });
const packages = (change: object) => supply({ packages: { ...index.packages, ...change } });

/** Path of the setting, content of the file that it names, what the message must say. */
const files: readonly [what: string, path: string, content: string, message: RegExp][] = [
  [
    "the private key in the place of the public one",
    "ssh.publicKeyFile",
    operatorKey.privateKey,
    /publicKeyFile .*: holds a private key, which would lie on every node; name the public key/,
  ],
  ["text in the place of a public key", "ssh.publicKeyFile", "hello\n", /publicKeyFile .*: is no public key of SSH/],
  ["an empty public key", "ssh.publicKeyFile", "\n", /publicKeyFile .*: is no public key of SSH/],
  [
    "a second line that is no key",
    "ssh.publicKeyFile",
    `${operatorKey.publicKey}\nroot\n`,
    /line 2 is no public key of SSH/,
  ],
  [
    "the public key of another pair",
    "ssh.publicKeyFile",
    otherKey.publicKey,
    /publicKeyFile: has no key that belongs to the private key, .*; write it with `ssh-keygen -y/,
  ],
  [
    "the public key in the place of the private one",
    "ssh.privateKeyFile",
    operatorKey.publicKey,
    /privateKeyFile .*: is no private key of SSH; make a key pair/,
  ],
  [
    "a private key with a passphrase",
    "ssh.privateKeyFile",
    locked,
    /privateKeyFile .*: is protected by a passphrase, .*; make a key pair/,
  ],
  ["an older private key with a passphrase", "ssh.privateKeyFile", encrypted, /is protected by a passphrase/],
  [
    "text in the place of a hypervisor's key",
    "ssh.hypervisorKeyFile",
    "hello\n",
    /hypervisorKeyFile .*: is no private key of SSH; make a key pair/,
  ],
  ["half a private key", "ssh.privateKeyFile", operatorKey.privateKey.slice(0, 60), /is no private key of SSH/],
  [
    "no key of an archive",
    "supply.packages[0].signedByFile",
    "hello\n",
    /signedByFile .*: is no public key of OpenPGP in ASCII armour; write the key/,
  ],
  [
    "the private key of an archive",
    "supply.packages[0].signedByFile",
    archiveKey.replaceAll("PUBLIC", "PRIVATE"),
    /signedByFile .*: holds a private key/,
  ],
  ["no certificate of an authority", "supply.caFile", "hello\n", /caFile .*: holds no certificate in PEM/],
  [
    "an authority's private key",
    "supply.caFile",
    operatorKey.privateKey,
    /caFile .*: holds a private key, which machines must not get/,
  ],
  ["no certificate of the store's authority", "backup", "hello\n", /backup\.caFile .*: holds no certificate in PEM/],
  [
    "the private key of the store's authority",
    "backup",
    operatorKey.privateKey,
    /backup\.caFile .*: holds a private key, which machines must not get/,
  ],
  [
    "a supply of another Kubernetes",
    "supply.index",
    packages({ kubelet: "1.35.4-1", kubeadm: "1.35.4-1" }),
    /supply\.index: has kubeadm 1\.35\.4-1, kubelet 1\.35\.4-1, and kubernetes\.version is 1\.36\.3; name the index/,
  ],
  [
    "a supply without kubelet",
    "supply.index",
    packages({ kubelet: undefined }),
    /supply\.index: has no package kubelet, which nodes install; name/,
  ],
  [
    "a supply with another containerd",
    "supply.index",
    packages({ containerd: "1.7.2-1" }),
    /has containerd 1\.7\.2-1, .* was seen with 2\.3/,
  ],
  [
    "a supply without images",
    "supply.index",
    supply({ images: {} }),
    /has no image registry\.k8s\.io\/kube-apiserver:v1\.36\.3, .*docker\.io\/calico\/node:v3\.28\.5.*; name the supply/,
  ],
  [
    "a supply without etcd",
    "supply.index",
    supply({ images: without(/etcd/) }),
    /has no image registry\.k8s\.io\/etcd:3\.6\.8-0; name/,
  ],
  [
    "a supply with a digest that is none",
    "supply.index",
    supply({ images: { ...index.images, x: "latest" } }),
    /is not the index of a supply/,
  ],
];

for (const [what, path, content, message] of files) {
  test(`${what}: refused, with the name of the file and without its content`, async () => {
    const file = join(directory, "given");
    writeFileSync(file, content);
    const value = path === "backup" ? { ...backup(), caFile: file } : file;
    const found = await problems((config) => set(config, path, value));
    assert.match(found.join("\n"), message);
    assert.equal(found.length, 1, found.join("\n"));
    assert.doesNotMatch(found.join("\n"), /MC4CAQ|BEGIN \w+ PRIVATE/);
  });
}

test("a public key file may hold several keys, one of which belongs to the private key: so keys are rotated", async () => {
  const file = join(directory, "several");
  writeFileSync(file, `# old\n${publicKeyOf("old")} old@x\n\n${operatorKey.publicKey} new@x\n`);
  assert.deepEqual(await problems((config) => set(config, "ssh.publicKeyFile", file)), []);
  writeFileSync(join(directory, "openssh"), opensshKey(operatorKey.publicKey, "none"));
  assert.deepEqual(await problems((config) => set(config, "ssh.privateKeyFile", join(directory, "openssh"))), []);
});

test("a manifest of which nothing can be edited, or with images of two versions, is refused", async () => {
  const { createHash } = await import("node:crypto");
  for (const [text, message] of [
    ["kind: ConfigMap\n", /manifest .*: the Calico manifest has no ConfigMap calico-config; take calico\.yaml/],
    [manifest.replace("node:v3.28.5", "node:v3.28.4"), /manifest .*: has images of more than one version, or none/],
  ] as const) {
    const file = join(directory, "other.yaml");
    writeFileSync(file, text);
    const found = await problems((config) => {
      config.network.calico.manifest = file;
      config.network.calico.manifestSha256 = createHash("sha256").update(text).digest("hex");
    });
    assert.match(found.join("\n"), message);
  }
});
