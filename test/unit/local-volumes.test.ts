import assert from "node:assert/strict";
import { test } from "node:test";
import { LocalVolumes } from "../../components/storage/local-volumes";
import * as samples from "./cluster-samples";
import { isScript, node, registered, settled } from "./registered";

const volumes = [
  { directory: "/srv/volumes/a", sizeGiB: 50 },
  { directory: "/mnt/nvme0/b", sizeGiB: 500 },
];

test("each directory is made, then offered on its node alone, and what guards its claims is there before the node can leave", async () => {
  const joined = node({ name: "joined", address: "10.20.0.99" }).machine;
  new LocalVolumes("lab-volumes", {
    nodes: [{ node: node(samples.worker1), volumes }],
    joined: [joined],
    through: node(samples.cp1),
    inCluster: {},
  });
  await settled();
  const names = registered.map(({ name }) => name);
  const objects = ["srv-volumes-a", "mnt-nvme0-b"].map((path) => `lab-volumes-persistentvolume-worker1-${path}`);
  const order = ["worker1-volumes", ...objects, "worker1-claims"].map((name) => names.lastIndexOf(name));
  assert.ok(
    order.every((at, index) => at >= 0 && at >= Math.max(...order.slice(0, index))),
    names.join(" "),
  );
  const [one] = objects.map((name) => registered.find((found) => found.name === name)?.inputs);
  assert.deepEqual(one?.spec, {
    storageClassName: "kjerne-local",
    capacity: { storage: "50Gi" },
    accessModes: ["ReadWriteOnce"],
    persistentVolumeReclaimPolicy: "Retain",
    volumeMode: "Filesystem",
    local: { path: "/srv/volumes/a" },
    nodeAffinity: {
      required: {
        nodeSelectorTerms: [
          { matchExpressions: [{ key: "kubernetes.io/hostname", operator: "In", values: ["worker1"] }] },
        ],
      },
    },
  });
  const guard = registered.find(({ name, type }) => name === "worker1-claims" && isScript({ type }));
  assert.equal(guard?.inputs.undo, "volumes/claims.sh", "it is asked before anything goes");
});
