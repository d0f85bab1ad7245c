import { beforeEach } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import { NodeBase, type PreparedNode } from "../../components/cluster/node-base";
import type { NodeMachine } from "../../components/node/cluster-node";
import type { ClusterFacts } from "../../node-config/kubeadm";
import type * as samples from "./cluster-samples";

export { isSecret } from "../../tools/engine-values";

const answer = JSON.stringify({ kubeconfig: "clusters: [{cluster: {server: x}}]\n", caHash: "sha256:0" });

/** Every resource that the test's components registered with Pulumi's mock engine, in order of creation. */
export let registered: { name: string; type: string; inputs: Record<string, unknown> }[] = [];

export const isScript = ({ type }: { type: string }) => type === "kjerne-drift:index:NodeScript";
export const areFiles = ({ type }: { type: string }) => type === "kjerne-drift:index:NodeFiles";
/** What runs something on a machine. */
export const runs = (one: { type: string }) => isScript(one) || areFiles(one);

pulumi.runtime.setMocks({
  newResource: async ({ name, type, inputs }) => {
    // Created late, so that a resource that should wait for one of them and doesn't comes first in the list.
    if (name.includes("-allow-") || name === "cp2-join" || name.endsWith("-base-files")) await turns(50);
    registered.push({ name, type, inputs });
    const state = isScript({ type }) ? { ...inputs, stdout: answer } : { ...inputs, result: "r".repeat(32) };
    return { id: `${name}-id`, state };
  },
  call: () => ({}),
});
beforeEach(() => {
  registered = [];
});

export const node = (facts: typeof samples.cp1): NodeMachine => ({
  ...facts,
  connection: { host: facts.address, hostKey: "ssh-ed25519 x" },
  instanceId: pulumi.output(`${facts.name}-1`),
  machine: new pulumi.ComponentResource("test:Machine", `${facts.name}-machine`),
});

/** A node with what comes before kubeadm. */
export const prepared = (facts: typeof samples.cp1, cluster: ClusterFacts): PreparedNode => {
  const made = node(facts);
  return {
    node: made,
    base: new NodeBase(`${facts.name}-base`, {
      facts: cluster,
      node: made,
      role: facts.name.startsWith("cp") ? "control-plane" : "worker",
    }),
  };
};

/** Until nothing more is registered. */
export async function settled(): Promise<void> {
  for (let before = -1; before !== registered.length; ) {
    before = registered.length;
    await turns(300);
  }
}

async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise(setImmediate);
}
