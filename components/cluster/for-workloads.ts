import * as pulumi from "@pulumi/pulumi";
import { MetricsServer } from "../metrics/metrics-server";
import type { NodeMachine } from "../node/cluster-node";
import { LocalVolumes } from "../storage/local-volumes";
import { giveAddresses } from "./load-balancers";
import type { Member } from "./machines";
import type { CompleteClusterArgs } from "./with-defaults";

/** What parts of the cluster that are there for workloads stand on. */
interface Ground {
  readonly members: readonly Member[];
  /** What has let the nodes into the cluster. */
  readonly joined: readonly pulumi.Resource[];
  /** The control plane that is asked. */
  readonly through: NodeMachine;
  readonly inCluster: pulumi.CustomResourceOptions;
  readonly caHash: pulumi.Input<string>;
}

/** What the settings give to workloads beside the cluster itself. */
export function forWorkloads(
  name: string,
  args: CompleteClusterArgs,
  ground: Ground,
  opts: pulumi.ComponentResourceOptions,
): { readonly done: pulumi.Output<string> }[] {
  const { members, joined, through, inCluster, caHash } = ground;
  const nodes = args.nodes.flatMap(({ name, volumes = [] }) =>
    members.flatMap(({ node }) => (node.name === name && volumes.length > 0 ? [{ node, volumes }] : [])),
  );
  return [
    ...(nodes.length > 0 ? [new LocalVolumes(`${name}-volumes`, { nodes, joined, through, inCluster }, opts)] : []),
    ...(args.kubernetes.metricsServer
      ? [new MetricsServer(`${name}-metrics-server`, { through, caHash, inCluster }, opts)]
      : []),
    ...giveAddresses(name, args, pulumi.mergeOptions(inCluster, opts)),
  ];
}
