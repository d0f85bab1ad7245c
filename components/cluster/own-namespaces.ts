import type * as pulumi from "@pulumi/pulumi";
import { NodeScript } from "../machine/node-script";
import type { ClusterNode } from "../node/cluster-node";
import type { DeniedNamespace } from "../security/openings";

/**
 * Refuses namespaces under default deny that somebody else made on the running cluster, all at once: the API server would
 * let the stack take them over without a word.
 */
export function refuseStrangersNamespaces(
  cluster: string,
  through: ClusterNode,
  denied: readonly DeniedNamespace[],
  opts: pulumi.ComponentResourceOptions,
): NodeScript[] {
  if (denied.length === 0) return [];
  const stdin = JSON.stringify({ cluster, namespaces: denied.map(({ name }) => name) });
  const { connection } = through;
  return [
    new NodeScript(`${cluster}-own-namespaces`, { connection, script: "kubeadm/own-namespaces.sh", stdin }, opts),
  ];
}
