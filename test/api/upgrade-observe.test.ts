import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { type AsNode, asNode } from "./as-node";
import { type ControlPlane, startControlPlane } from "./control-plane";

let controlPlane: ControlPlane;
let node: AsNode;
before(async () => {
  controlPlane = await startControlPlane();
  node = await asNode(controlPlane);
});
after(async () => {
  await controlPlane?.stop();
  await node?.remove();
});

/** The pod of kube-proxy on a node. */
const proxyOf = (nodeName: string) => ({
  ...{ apiVersion: "v1", kind: "Pod" },
  metadata: {
    ...{ name: `kube-proxy-${nodeName}`, namespace: "kube-system", labels: { "k8s-app": "kube-proxy" } },
    annotations: { "kjerne.io/proxy-mode": "iptables" },
  },
  spec: { nodeName, containers: [{ name: "kube-proxy", image: "registry.k8s.io/kube-proxy:v1" }] },
});

test("a control plane tells of each node which mode it has, of hundreds too", async () => {
  const manifest = "    image: registry.k8s.io/kube-apiserver:v1.36.3\n    - --advertise-address=192.0.2.1\n";
  await mkdir(node.at("kubernetes/manifests"));
  await writeFile(node.at("kubernetes/manifests/kube-apiserver.yaml"), manifest);
  // The API server listens elsewhere, and nobody has etcd's members in containers.
  const bin = node.at("bin");
  await mkdir(bin);
  const kubectl = `#!/usr/bin/env bash\n[[ $1 != --server ]] || shift 2\nexec ${controlPlane.binDirectory}/kubectl "$@"\n`;
  await writeFile(join(bin, "kubectl"), kubectl, { mode: 0o755 });
  await writeFile(join(bin, "crictl"), "#!/usr/bin/env bash\n", { mode: 0o755 });
  const names = Array.from({ length: 200 }, (_, at) => `many${at}`);
  const items = names.map((name) => ({
    ...{ apiVersion: "v1", kind: "Node", metadata: { name, annotations: { "example.no/long": "x".repeat(1000) } } },
  }));
  await controlPlane.kubectl(["create", "--filename", "-"], JSON.stringify({ apiVersion: "v1", kind: "List", items }));
  await controlPlane.kubectl(["create", "--filename", "-"], JSON.stringify(proxyOf("many7")));

  const path = `PATH=${bin}:${controlPlane.binDirectory}:${process.env.PATH}`;
  const told = JSON.parse(await node.script("upgrade/observe.sh", "", ["env", path]));
  const modes = Object.fromEntries(told.nodes.map(({ name, proxy }: { name: string; proxy: string }) => [name, proxy]));
  assert.deepEqual(
    [told.nodes.length >= 200, modes.many7, modes.many8, told.proxyIsHeld],
    [true, "iptables", "", false],
  );
  await controlPlane.kubectl(["delete", "nodes", ...names]);
});
