import type * as pulumi from "@pulumi/pulumi";
import type { ClusterFacts } from "../../node-config/kubeadm";
import { proxyConfiguration } from "../../node-config/proxy-mode";
import { factsOf, type NodeMachine } from "../node/cluster-node";
import { KubeProxyMove } from "../upgrade/kube-proxy-move";
import type { Member } from "./machines";
import type { CompleteClusterArgs } from "./with-defaults";

/** Takes the nodes that are in the cluster already to the settings' mode of kube-proxy, before kube-proxy changes otherwise. */
export function moveProxy(
  { kubernetes: { proxy, upgrade } }: CompleteClusterArgs,
  facts: ClusterFacts,
  nodes: {
    /** The first control plane. */
    readonly node: NodeMachine;
    readonly members: readonly Member[];
  },
  opts: pulumi.ComponentResourceOptions,
): KubeProxyMove {
  const { workersAtOnce, drainMinutes } = upgrade;
  return new KubeProxyMove(
    `${facts.name}-kube-proxy-mode`,
    {
      mode: proxy.mode,
      configuration: proxyConfiguration(facts, factsOf(nodes.node), proxy),
      nodes: nodes.members.map(({ node, role }) => ({ name: node.name, role })),
      ...{ workersAtOnce, drainMinutes },
      connections: Object.fromEntries(nodes.members.map(({ node }) => [node.name, node.connection])),
    },
    opts,
  );
}
