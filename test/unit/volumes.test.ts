import assert from "node:assert/strict";
import { test } from "node:test";
import { type ObservedVolume, observedCluster } from "../../components/verify/observed-cluster";
import { volumeDirectories, volumesStand, volumeWarnings } from "../../components/verify/volume-checks";
import { accepted, refused } from "./refused";
import { wanted } from "./verify/healthy";

const a = { directory: "/srv/volumes/a", sizeGiB: 50 };
const of = (volume: object) => [{ ...a, ...volume }];
const worker = "nodes[3].volumes";

refused([
  [worker, of({ directory: "/var/lib/a" }), /directory \(\/var\/lib\/a\): is not a directory for a volume, such as/],
  [worker, of({ directory: "/srv/../etc" }), /is not a directory for a volume, such as/],
  [worker, of({ directory: "/srv/Data" }), /of lower-case letters, digits and hyphens/],
  [worker, of({ directory: "/mnt/nvme0" }), /lost\+found.*name a directory in it, such as \/mnt\/nvme0\/a/],
  [worker, of({ directory: `/srv/${"a".repeat(160)}` }), /is longer than 150 characters/],
  [worker, of({ sizeGiB: 0 }), /sizeGiB \(0\)/],
  [worker, [a, a], /volumes\[1\].*is there already as \[0\]; remove one/],
  // Both would be the PersistentVolume worker1-srv-a-b.
  [worker, ["/srv/a-b", "/srv/a/b"].map((directory) => ({ ...a, directory })), /is there already as \[0\]/],
  [
    worker,
    of({ directory: "/mnt/nvme0/a" }),
    /worker1 has its volume in \/mnt\/nvme0\/a, .*choose a directory below \/srv/,
  ],
  [
    worker,
    of({ sizeGiB: 95 }),
    /the volumes of worker1 are 95 GiB on a root disk of 100, .*write rootGiB: 107 for a new/,
  ],
]);
accepted([[worker, [a, { directory: "/srv/volumes/b", sizeGiB: 20 }]]]);

const node = { name: "worker1", role: "worker", address: "10.77.0.21", volumes: [a] } as const;
const name = "worker1-srv-volumes-a";
const volume = {
  name,
  phase: "Available",
  storageClass: "kjerne-local",
  directory: a.directory,
  size: "50Gi",
  claim: "",
};
const local = { name: "kjerne-local", volumeBindingMode: "WaitForFirstConsumer" };

/** What the API server holds. */
function cluster(volumes: readonly Partial<ObservedVolume>[], classes: readonly object[] = [local]) {
  const held: Readonly<Record<string, object>> = { volumes, storageClasses: classes };
  return observedCluster((name) => ({ status: 0, stdout: JSON.stringify(held[name] ?? []), stderr: "" }));
}
const judged = (...held: Parameters<typeof cluster>) => volumesStand({ ...wanted, nodes: [node] }, cluster(...held));

test("volumes of the settings that are free, claimed, or left by a claim pass", () => {
  for (const phase of ["Available", "Bound", "Released"]) assert.ok(judged([{ ...volume, phase }]).passed, phase);
});

const wrong: readonly [what: string, held: Parameters<typeof cluster>, found: string][] = [
  ["a volume that somebody deleted", [[]], `${name} is not there`],
  ["a volume of another size", [[{ ...volume, size: "5Gi" }]], `${name} was changed`],
  ["a volume in another directory", [[{ ...volume, directory: "/srv/b" }]], `${name} was changed`],
  ["a volume of another class", [[{ ...volume, storageClass: "fast" }]], `${name} was changed`],
  ["a volume that failed", [[{ ...volume, phase: "Failed" }]], `${name} is Failed`],
  ["no StorageClass", [[volume], []], "StorageClass kjerne-local is not there"],
  [
    "a StorageClass that binds before it is known where the pod goes",
    [[volume], [{ ...local, volumeBindingMode: "Immediate" }]],
    "StorageClass kjerne-local has Immediate",
  ],
];
for (const [what, held, found] of wrong)
  test(`${what} fails the check, which says so`, () => {
    const check = judged(...held);
    assert.deepEqual([check.passed, check.found], [false, found]);
  });

test("a directory whose file system is not mounted fails the check of its node", () => {
  assert.ok(volumeDirectories(node, { value: [a.directory] }).passed);
  const check = volumeDirectories(node, { value: ["/srv/volumes/b"] });
  assert.deepEqual([check.passed, check.found], [false, "/srv/volumes/a is not there"]);
  assert.ok(!volumeDirectories(node, { unreadable: "No such file" }).passed);
});

test("a volume that still has the files of a deleted claim is told, and no other", () => {
  const held = [volume, { ...volume, name: "left", phase: "Released", claim: "shop/data-db-0" }];
  assert.deepEqual(
    volumeWarnings(cluster(held)).map(({ id, found }) => [id, found]),
    [["volumes-released", "left (shop/data-db-0)"]],
  );
  assert.deepEqual(volumeWarnings(cluster([volume])), []);
});
