import * as pulumi from "@pulumi/pulumi";
import { kubeadmTaints } from "../../node-config/taints";
import { NodeScript } from "../machine/node-script";
import type { NodeMachine } from "../node/cluster-node";

export interface AdmissionArgs {
  /** The control plane that runs the script. */
  readonly through: NodeMachine;
  readonly node: NodeMachine;
  readonly role: "control-plane" | "worker";
  /** Its bootstrap token; empty for the control plane whose name sorts first, which is in the cluster by then. */
  readonly token: pulumi.Input<string>;
  /** Configuration of `kubeadm init phase upload-certs`, for a control plane; else empty. */
  readonly certificates: pulumi.Input<string>;
  /** What must have been done before. */
  readonly after: readonly pulumi.Input<string>[];
}

interface AdmissionOptions {
  readonly parent: pulumi.Resource;
  /** Of the same resource, while another control plane's name sorted first. */
  readonly formerParent?: pulumi.Resource | undefined;
  /** Whatever goes together with the cluster: then no node leaves, for nobody could be asked. */
  readonly goesWithCluster: pulumi.Resource;
}

/**
 * One node's place in the cluster, `<node>-admit`: it is let in, has the labels and taints of the settings, and leaves
 * when this resource does: before its machine is replaced, and before that of the control plane goes which lets it go.
 */
export function admission(
  args: AdmissionArgs,
  { parent, formerParent, goesWithCluster }: AdmissionOptions,
): NodeScript {
  const { through, node, role, after, ...secrets } = args;
  const { name, address, instanceId: instance, labels = {}, taints = kubeadmTaints[role], asNumber } = node;
  const system = asNumber === undefined ? {} : { asNumber };
  return new NodeScript(
    `${name}-admit`,
    {
      connection: through.connection,
      script: "kubeadm/admit.sh",
      undo: "kubeadm/admit.sh",
      stdin: pulumi.secret(
        pulumi.jsonStringify({ through: through.name, name, address, instance, labels, taints, ...system, ...secrets }),
      ),
      after,
      // Several wait at once, each for its own node, while other scripts go on here.
      exclusive: false,
    },
    {
      parent,
      dependsOn: through.machine,
      deletedWith: goesWithCluster,
      replaceWith: [node.machine],
      aliases: formerParent ? [{ parent: formerParent }] : [],
    },
  );
}
