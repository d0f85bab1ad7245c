import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { type ClusterFacts, renderJoin, renderUploadCertificates } from "../../node-config/kubeadm";
import { NodeScript } from "../machine/node-script";
import { type ClusterNode, factsOf } from "../node/cluster-node";

export interface JoinArgs {
  readonly facts: ClusterFacts;
  /** The control plane that lets them in. */
  readonly through: ClusterNode;
  readonly nodes: readonly ClusterNode[];
  readonly caHash: pulumi.Input<string>;
  /** 64 hexadecimal digits, a secret: then the nodes become control planes, one by one. @default - they become workers */
  readonly certificateKey?: pulumi.Input<string>;
  /** Digests of what has to be on the nodes before. */
  readonly after: readonly pulumi.Input<string>[];
}

/**
 * Nodes that join: workers all at once, control planes one after the other, for etcd takes one new member at a time. The
 * control plane admits them while they knock: a token for each node is valid from the moment the joining starts until its
 * node is in the cluster, half an hour at most. Both sides run side by side and are done together, so a run that was cut
 * off starts both again. It takes two steps at a time: not with `--parallel 1`.
 *
 * A node that is no longer named here is drained and leaves the cluster, before its machine is destroyed.
 */
export class Join extends pulumi.ComponentResource {
  /** Known when every node is in the cluster. */
  readonly done: pulumi.Output<string>;

  constructor(name: string, args: JoinArgs, opts?: pulumi.ComponentResourceOptions) {
    const { facts, through, caHash, certificateKey, after } = args;
    super("kjerne:cluster:Join", name, { nodes: args.nodes.map((node) => node.name) }, opts);
    const parent = this;

    const joining = args.nodes.map((node) => ({ node, token: tokenOf(node) }));
    const admitted = admit();
    const joined: pulumi.Output<string>[] = [];
    for (const { node, token } of joining) joined.push(knock(node, token, certificateKey ? joined.slice(-1) : []));
    this.done = pulumi.all([admitted, ...joined]).apply((printed) => printed.join("\n"));
    this.registerOutputs({ done: this.done });

    /** kubeadm's form: six characters that name it, a dot, sixteen that prove it. Another for another machine. */
    function tokenOf(node: ClusterNode): pulumi.Output<string> {
      const text = new random.RandomPassword(
        `${node.name}-join-token`,
        { length: 22, upper: false, special: false, keepers: { instance: node.instanceId } },
        { parent },
      );
      return text.result.apply((characters) => `${characters.slice(0, 6)}.${characters.slice(6)}`);
    }

    function admit(): pulumi.Output<string> {
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

    function knock(
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
