import type * as pulumi from "@pulumi/pulumi";
import { type ClusterFacts, renderUpgrade } from "../../node-config/kubeadm";
import { registryFiles } from "../../node-config/node-files";
import { aptSources } from "../../node-config/package-source";
import { heldPackages, imagesOf, machinePackages, runtimeVersion } from "../../node-config/packages";
import { factsOf, type NodeMachine } from "../node/cluster-node";
import { Upgrade } from "../upgrade/upgrade";
import { furtherPackages } from "./facts";
import type { CompleteClusterArgs } from "./with-defaults";

/** Takes the nodes that are in the cluster already to the versions of the settings, before anything else changes on them. */
export function upgradeNodes(
  args: CompleteClusterArgs,
  facts: ClusterFacts,
  nodes: readonly { readonly node: NodeMachine; readonly role: "control-plane" | "worker" }[],
  parent: pulumi.Resource,
): Upgrade {
  const { supply, backup } = args;
  const { withoutBackup, ...pace } = args.kubernetes.upgrade;
  const { packages, images } = supply.index;
  const runtime = runtimeVersion(packages);
  const softwareOf = (role: "control-plane" | "worker") => ({
    packages: machinePackages(packages, role, furtherPackages(args, role)),
    images: imagesOf(role, images),
  });
  return new Upgrade(
    `${facts.name}-upgrade`,
    {
      facts: {
        version: facts.kubernetesVersion,
        ...(runtime ? { runtime } : {}),
        nodes: nodes.map(({ node, role }) => ({ name: node.name, role })),
        ...pace,
        backup: backup ? "taken" : withoutBackup ? "none" : "missing",
      },
      software: { "control-plane": softwareOf("control-plane"), worker: softwareOf("worker") },
      configurations: Object.fromEntries(nodes.map(({ node }) => [node.name, renderUpgrade(facts, factsOf(node))])),
      from: {
        sources: aptSources(supply.packages),
        authorities: supply.authorities ?? "",
        registries: registryFiles("", supply.mirrors, supply.authorities),
        held: heldPackages(packages),
      },
      connections: Object.fromEntries(nodes.map(({ node }) => [node.name, node.connection])),
    },
    { parent },
  );
}
