import type * as pulumi from "@pulumi/pulumi";
import { fabricNetwork, multusFiles } from "../../node-config/fabric";
import { commandsAfterWriting } from "../../node-config/restarts";
import { type FileSets, NodeFiles } from "../machine/node-files";
import { NodeScript } from "../machine/node-script";
import { Fabric } from "../network/fabric";
import { FabricAttachments } from "../network/fabric-attachments";
import type { ClusterNode, NodeMachine } from "../node/cluster-node";
import { fabricNamespace } from "../verify/wanted";
import { fabricFacts } from "./facts";
import type { CompleteClusterArgs } from "./with-defaults";

/** Lets pods ask for the fabric, where there is one: those of the settings' namespaces, and the verification's own. */
export function offerFabric(
  name: string,
  { network: { fabric } }: Pick<CompleteClusterArgs, "network">,
  opts: pulumi.ComponentResourceOptions,
): Fabric[] {
  return fabric ? [new Fabric(`${name}-fabric`, { namespaces: [...fabric.namespaces, fabricNamespace] }, opts)] : [];
}

/** Where Multus reaches the cluster. */
interface MultusGround {
  readonly members: readonly { readonly node: NodeMachine }[];
  /** The control plane that is asked whether Multus is there. */
  readonly through: ClusterNode;
  /** How objects are made in the cluster. */
  readonly inCluster: pulumi.ComponentResourceOptions;
}

/**
 * Lets pods of the settings' namespaces have the fabric by Multus too, where the settings say that it is there. Nothing is
 * made, on nodes neither, before the cluster was asked.
 *
 * @returns What was written on each node with a card, by its name.
 */
export function offerToMultus(
  name: string,
  args: CompleteClusterArgs,
  { members, through, inCluster }: MultusGround,
  opts: pulumi.ComponentResourceOptions,
): Readonly<Record<string, FileSets>> {
  const { fabric } = args.network;
  if (!fabric?.multus) return {};
  const { parent } = opts;
  const { namespaces } = fabric;
  const { connection } = through;
  const stdin = JSON.stringify({ name: fabricNetwork, namespaces });
  const script = "kubeadm/network-attachments.sh";
  const asked = new NodeScript(`${name}-network-attachments`, { connection, script, stdin }, opts);
  const files = multusFiles();
  const withCard = args.nodes.filter((node) => fabricFacts(args, node)).map((node) => node.name);
  const written = members
    .map(({ node }) => node)
    .filter((node) => withCard.includes(node.name))
    .map((node) => {
      const { connection, machine } = node;
      const set = { connection, files, onChange: commandsAfterWriting(files), removedOnDelete: true };
      return [
        node.name,
        new NodeFiles(`${node.name}-multus`, set, { parent, dependsOn: asked, deletedWith: machine }),
      ] as const;
    });
  const dependsOn = written.map(([, files]) => files);
  new FabricAttachments(
    `${name}-fabric-attachments`,
    { namespaces },
    { ...inCluster, dependsOn: [asked, ...dependsOn] },
  );
  return Object.fromEntries(written.map(([node, { sets }]) => [node, sets]));
}
