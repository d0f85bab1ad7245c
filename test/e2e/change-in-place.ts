import assert from "node:assert/strict";
import type { LabAddresses } from "../../tools/lab/plan";
import { run } from "../../tools/run";
import { runStack, type Stack } from "../../tools/stack";
import { changeSettings, nodeIn } from "./settings";
import { kubectl, type Node, onNode, startedSince } from "./shell";

/** Node → what somebody does there as root, beside the settings. */
const changedByHand = {
  kvm1: "sysctl -w vm.overcommit_memory=0; rm /etc/crictl.yaml",
  cp3: "systemctl disable --now kubelet; rm /etc/kubernetes/pki/front-proxy-client.crt",
};

/** Settings change, and somebody changes machines and deletes worker1: an `up` brings all of it, and nothing restarts. */
export async function changeInPlace(stack: Stack, addresses: LabAddresses, say: (line: string) => void): Promise<void> {
  const before = await Promise.all(["cp2", "kvm1"].map((node) => startedSince(stack, node)));
  await run("kubectl", ["delete", "node", "worker1"], { env: stack.env });
  for (const [node, byHand] of Object.entries(changedByHand)) await onNode(stack, node, `sh -c '${byHand}'`);
  await changeSettings(stack, (config) => {
    config["kjerne:network"].nameservers.push(addresses.mirror);
    config["kjerne:verification"] = { everyMinutes: 5 };
    Object.assign(nodeIn(config, "cp2"), { labels: { "eksempel.no/rack": "a" } });
    Object.assign(nodeIn(config, "kvm1"), {
      taints: [{ key: "dedicated", value: "yes", effect: "PreferNoSchedule" }],
    });
  });
  await runStack(stack, "up", ["--yes", "--skip-preview", "--refresh"], say);
  assert.equal((await kubectl<Node>(stack, "get", "node", "cp2")).metadata.labels["eksempel.no/rack"], "a");
  const { spec } = await kubectl<Node>(stack, "get", "node", "kvm1");
  assert.ok(
    spec.taints?.some(({ key, value }) => key === "dedicated" && value === "yes"),
    JSON.stringify(spec.taints),
  );
  assert.match(await onNode(stack, "kvm1", "cat /etc/resolv.conf"), new RegExp(`nameserver ${addresses.mirror}`));
  assert.deepEqual(
    await Promise.all(["cp2", "kvm1"].map((node) => startedSince(stack, node))),
    before,
    "nothing restarted",
  );
  assert.equal((await onNode(stack, "kvm1", "sysctl --values vm.overcommit_memory")).trim(), "1");
  await onNode(stack, "kvm1", "test -s /etc/crictl.yaml");
  assert.equal((await onNode(stack, "cp3", "systemctl is-active kubelet")).trim(), "active");
  await onNode(stack, "cp3", "openssl x509 -noout -in /etc/kubernetes/pki/front-proxy-client.crt");
  await run("kubectl", ["wait", "--for=condition=Ready", "node/worker1", "--timeout=300s"], { env: stack.env });
}
