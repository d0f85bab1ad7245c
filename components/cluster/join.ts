import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { type ClusterFacts, renderJoin, renderUploadCertificates } from "../../node-config/kubeadm";
import { NodeScript } from "../machine/node-script";
import { type ClusterNode, factsOf } from "../node/cluster-node";

export interface JoinArgs {
  readonly facts: ClusterFacts;
  /** The control plane that accepts their tokens. */
  readonly through: ClusterNode;
  readonly nodes: readonly ClusterNode[];
  readonly caHash: pulumi.Input<string>;
  /**
   * 64 hexadecimal digits, a secret: then the nodes become control planes, one by one. @default - they become workers
   */
  readonly certificateKey?: pulumi.Input<string>;
  /** Digests of what must be on the nodes before; another digest runs the scripts again. */
  readonly after: readonly pulumi.Input<string>[];
}

/**
 * Nodes that join: workers all at once, control planes one after the other, because etcd takes one new member at a
 * time.
 *
 * The control plane accepts the tokens while `kubeadm join` runs on the nodes: each node's token is valid from the
 * start of the join until the node is in the cluster, half an hour at most. Both sides run at the same time and end
 * together, so a run that was interrupted starts both again. That takes two steps at once: `pulumi up --parallel 1`
 * would wait for ever.
 *
 * A node that is no longer listed is drained and leaves the cluster before its machine is destroyed.
 */
export class Join extends pulumi.ComponentResource {
  /** Known when every node is in the cluster. */
  readonly done: pulumi.Output<string>;

  constructor(name: string, args: JoinArgs, opts?: pulumi.ComponentResourceOptions) {
    const { facts, through, caHash, certificateKey, after } = args;
    super("kjerne:cluster:Join", name, { nodes: args.nodes.map((node) => node.name) }, opts);
    const parent = this;

    const joining = args.nodes.map((node) => ({ node, token: tokenOf(node) }));
    const accepted = acceptTokens();
    const joined: pulumi.Output<string>[] = [];
    for (const { node, token } of joining) joined.push(joinNode(node, token, certificateKey ? joined.slice(-1) : []));
    this.done = pulumi.all([accepted, ...joined]).apply((printed) => printed.join("\n"));
    this.registerOutputs({ done: this.done });

    /** kubeadm's form: six characters as id, a dot, sixteen as secret. A machine that is recreated gets a new one. */
    function tokenOf(node: ClusterNode): pulumi.Output<string> {
      const text = new random.RandomPassword(
        `${node.name}-join-token`,
        { length: 22, upper: false, special: false, keepers: { instance: node.instanceId } },
        { parent },
      );
      return text.result.apply((characters) => `${characters.slice(0, 6)}.${characters.slice(6)}`);
    }

    function acceptTokens(): pulumi.Output<string> {
      const nodes = joining.map(({ node, token }) => ({ name: node.name, instance: node.instanceId, token }));
      const certificates = certificateKey
        ? pulumi.output(certificateKey).apply((key) => renderUploadCertificates(facts, factsOf(through), key))
        : "";
      const admission = new NodeScript(
        `${name}-admit`,
        {
          connection: through.connection,
          script: "kubeadm/admit.sh",
          stdin: pulumi.secret(
            pulumi.jsonStringify({ group: name, through: through.name, nodes, certificates, caHash }),
          ),
        },
        { parent },
      );
      return admission.stdout;
    }

    function joinNode(
      node: ClusterNode,
      token: pulumi.Output<string>,
      before: readonly pulumi.Output<string>[],
    ): pulumi.Output<string> {
      const config = pulumi
        .all([token, caHash, certificateKey])
        .apply(([token, caHash, certificateKey]) =>
          renderJoin(facts, factsOf(node), { token, caHash, certificateKey }),
        );
      const join = new NodeScript(
        `${node.name}-join`,
        {
          connection: node.connection,
          script: "kubeadm/join.sh",
          stdin: pulumi.secret(config),
          after: [...after, ...before, node.instanceId],
        },
        { parent },
      );
      return join.stdout;
    }
  }
}
