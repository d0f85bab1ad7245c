import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { type ControlPlane, startControlPlane } from "./control-plane";

const admission = join(__dirname, "../../node-config/control-plane/etc/kubernetes/kjerne/admission.yaml");
let controlPlane: ControlPlane;

before(async () => {
  controlPlane = await startControlPlane({ "admission-control-config-file": admission });
});
after(() => controlPlane.stop());

const pod = (spec: object, container: object = {}) =>
  JSON.stringify({
    ...{ apiVersion: "v1", kind: "Pod", metadata: { name: "shell" } },
    spec: { containers: [{ name: "shell", image: "none", ...container }], ...spec },
  });
const create = (namespace: string, manifest: string) =>
  controlPlane.kubectl(["create", "--dry-run=server", "--namespace", namespace, "--filename", "-"], manifest);

const owners: readonly (readonly [what: string, manifest: string])[] = [
  ["is privileged", pod({}, { securityContext: { privileged: true } })],
  ["mounts the node's disk", pod({ volumes: [{ name: "disk", hostPath: { path: "/" } }] })],
  ["uses the node's network", pod({ hostNetwork: true })],
  ["sees the node's processes", pod({ hostPID: true })],
  ["takes a port of the node", pod({}, { ports: [{ containerPort: 22, hostPort: 22 }] })],
  ["adds a capability", pod({}, { securityContext: { capabilities: { add: ["SYS_ADMIN"] } } })],
];

for (const [what, manifest] of owners) {
  test(`a pod that ${what} is refused in default and in a namespace that was just made, not in kube-system`, async () => {
    const namespace = `made-${owners.findIndex(([one]) => one === what)}`;
    await controlPlane.kubectl(["create", "namespace", namespace]);
    for (const refusing of ["default", namespace]) {
      await assert.rejects(create(refusing, manifest), /violates PodSecurity "baseline:latest"/, refusing);
    }
    assert.match(await create("kube-system", manifest), /created/);
  });
}

test("a pod that owns nothing of its node is taken", async () => {
  assert.match(await create("default", pod({})), /created/);
});
