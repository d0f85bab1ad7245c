import type * as pulumi from "@pulumi/pulumi";
import type { ClusterFacts } from "../../node-config/kubeadm";
import { NodeScript } from "../machine/node-script";
import type { NodeMachine } from "../node/cluster-node";
import type { Member } from "./machines";

/**
 * Lets nodes that have joined take pods, each once those that do have routes to its pods. It goes on beside the start of
 * calico-node, not after it: Pulumi waits for that on every node, and one that never comes up would keep all others; and
 * calico-kube-controllers may find no node but these.
 */
export function seeRoutes(
  { name, pace }: ClusterFacts,
  { members, through }: { readonly members: readonly Member[]; readonly through: NodeMachine },
  opts: pulumi.ComponentResourceOptions,
): NodeScript {
  const stdin = JSON.stringify({ seconds: pace === "emulated" ? 1800 : 600 });
  const sorted = [...members].sort((a, b) => (a.node.name < b.node.name ? -1 : 1));
  const after = sorted.flatMap(({ node, missing }) => [node.instanceId, missing ?? ""]);
  const [{ connection }, script] = [through, "kubeadm/routes-seen.sh"];
  return new NodeScript(`${name}-routes-seen`, { connection, script, stdin, after, exclusive: false }, opts);
}
