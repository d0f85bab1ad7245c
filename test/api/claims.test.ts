import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { untilSucceeds } from "../../tools/lab/until";
import { run } from "../../tools/run";
import { type ControlPlane, startControlPlane } from "./control-plane";

const script = join(__dirname, "../../node-config/volumes/claims.sh");
let controlPlane: ControlPlane;
const kubectl = (...args: readonly string[]) => controlPlane.kubectl(args);
before(async () => {
  controlPlane = await startControlPlane();
  for (const node of ["worker1", "worker2"]) await apply(volume(`${node}-a`, node));
});
after(() => controlPlane.stop());

const apply = (object: object) => controlPlane.kubectl(["apply", "--filename", "-"], JSON.stringify(object));
const volume = (name: string, node: string) => ({
  apiVersion: "v1",
  kind: "PersistentVolume",
  metadata: { name, labels: { "kjerne.io/node": node } },
  spec: {
    storageClassName: "kjerne-local",
    capacity: { storage: "1Gi" },
    accessModes: ["ReadWriteOnce"],
    persistentVolumeReclaimPolicy: "Retain",
    local: { path: "/srv/volumes/a" },
    nodeAffinity: {
      required: {
        nodeSelectorTerms: [{ matchExpressions: [{ key: "kubernetes.io/hostname", operator: "In", values: [node] }] }],
      },
    },
  },
});
/** Without a scheduler the claim says itself which volume it takes. */
const claim = (name: string, volumeName: string) => ({
  apiVersion: "v1",
  kind: "PersistentVolumeClaim",
  metadata: { name, namespace: "default" },
  spec: {
    storageClassName: "kjerne-local",
    volumeName,
    accessModes: ["ReadWriteOnce"],
    resources: { requests: { storage: "1Gi" } },
  },
});
const phaseOf = (name: string) => kubectl("get", "persistentvolume", name, "--output", "jsonpath={.status.phase}");
const until = (name: string, phase: string) =>
  untilSucceeds(`${name} ${phase}`, 60, async () => assert.equal(await phaseOf(name), phase));

/** As it runs on a control plane. */
function guard(action: "create" | "update" | "delete", ...volumes: readonly string[]): Promise<string> {
  const { binDirectory, kubeconfig } = controlPlane;
  const env = { ...process.env, PATH: `${binDirectory}:${process.env.PATH}`, KUBECONFIG: kubeconfig };
  return run("bash", [script, action], { input: JSON.stringify({ node: "worker1", volumes }), env });
}

test("a node leaves, and a volume goes, only once no claim has it; then the machine that is made anew offers it again", async () => {
  await guard("create", "worker1-a");
  await guard("delete", "worker1-a");
  await apply(claim("data-db-0", "worker1-a"));
  await until("worker1-a", "Bound");
  await guard("update", "worker1-a");
  const told = /worker1 has volumes that claims hold.*worker1-a is of claim default\/data-db-0\. .*kubectl delete pvc/;
  await assert.rejects(guard("delete", "worker1-a"), told);
  await assert.rejects(guard("update"), told, "the volume leaves the settings");

  await kubectl("delete", "pvc", "data-db-0");
  await until("worker1-a", "Released");
  await guard("delete", "worker1-a");
  await guard("update", "worker1-a");
  assert.equal(await phaseOf("worker1-a"), "Released", "its files are there still");
  await guard("create", "worker1-a");
  await until("worker1-a", "Available");
});

test("claims of another node's volumes keep nobody here", async () => {
  await apply(claim("elsewhere", "worker2-a"));
  await until("worker2-a", "Bound");
  await guard("delete", "worker1-a");
});
