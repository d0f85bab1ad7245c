import assert from "node:assert/strict";
import { test } from "node:test";
import { parse } from "yaml";
import { type NodeFacts, renderInit, renderJoin } from "../../node-config/kubeadm";
import { cp1, credentials, facts, worker1 } from "./cluster-samples";
import { partsOf } from "./whole-cluster";

const taintsOf = (text: string) =>
  parse(text.split("---\n")[0] ?? "").nodeRegistration.taints?.map(({ key }: { key: string }) => key);
const joining = (node: NodeFacts, more: { readonly certificateKey?: string } = {}) =>
  renderJoin(facts, node, { ...credentials, ...more });
const certificateKey = "0".repeat(64);
const unseen = "kjerne.io/routes-not-seen";

test("a node that joins takes no pods at first, beside its taints of the settings; the one that starts a cluster does", () => {
  assert.deepEqual(taintsOf(joining(worker1)), [unseen]);
  const gpu = { key: "gpu", value: "yes", effect: "NoSchedule" } as const;
  assert.deepEqual(taintsOf(joining({ ...worker1, taints: [gpu] })), ["gpu", unseen]);
  assert.deepEqual(taintsOf(renderInit(facts, cp1)), undefined);
  assert.deepEqual(taintsOf(renderInit(facts, { ...cp1, taints: [] })), []);
});

test("a control plane registers with all its taints, which kubeadm would only give it afterwards", () => {
  const flagOf = (node: NodeFacts) => {
    const [join] = joining(node, { certificateKey }).split("---\n");
    const { kubeletExtraArgs } = parse(join ?? "").nodeRegistration;
    return kubeletExtraArgs.find(({ name }: { name: string }) => name === "register-with-taints")?.value;
  };
  assert.equal(flagOf(cp1), `node-role.kubernetes.io/control-plane=:NoSchedule,${unseen}=:NoSchedule`);
  assert.equal(flagOf({ ...cp1, taints: [] }), `${unseen}=:NoSchedule`);
});

test("what runs in the cluster for workloads comes once nodes take pods", async () => {
  const parts = await partsOf((config) => (config.kubernetes.metricsServer = true));
  const names = [...parts.keys()].map((key) => key.split(" ")[1]);
  const seen = names.lastIndexOf("oslo-routes-seen");
  const server = names.indexOf("oslo-metrics-server-deployment-metrics-server");
  assert.ok(seen >= 0 && seen < server, `at ${seen}, and ${server}`);
});
