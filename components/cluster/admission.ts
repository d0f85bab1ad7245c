import * as pulumi from "@pulumi/pulumi";
import { NodeScript } from "../machine/node-script";
import type { ClusterNode, NodeMachine } from "../node/cluster-node";

export interface AdmissionArgs {
  /** The control plane that runs the script. */
  readonly through: NodeMachine;
  readonly node: ClusterNode;
  /** Its bootstrap token; empty for the control plane that started the cluster. */
  readonly token: pulumi.Input<string>;
  /** Configuration of `kubeadm init phase upload-certs`, for a control plane; else empty. */
  readonly certificates: pulumi.Input<string>;
  /** What must have been done before. */
  readonly after: readonly pulumi.Input<string>[];
}

/**
 * One node's place in the cluster, `<node>-admit`: it is let in, has the labels and taints of the settings, and leaves
 * when this resource does. Where the control plane goes too, nobody is asked any more.
 */
export function admission({ through, node, after, ...secrets }: AdmissionArgs, parent: pulumi.Resource): NodeScript {
  const { name, address, instanceId: instance, labels = {}, taints = [] } = node;
  return new NodeScript(
    `${name}-admit`,
    {
      connection: through.connection,
      script: "kubeadm/admit.sh",
      undo: "kubeadm/admit.sh",
      stdin: pulumi.secret(
        pulumi.jsonStringify({ through: through.name, name, address, instance, labels, taints, ...secrets }),
      ),
      after,
    },
    { parent, deletedWith: through.machine },
  );
}
