import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { type ClusterFacts, renderJoin, renderUploadCertificates } from "../../node-config/kubeadm";
import { NodeScript } from "../machine/node-script";
import { type ClusterNode, factsOf, type NodeMachine } from "../node/cluster-node";
import { admission } from "./admission";
import type { PreparedNode } from "./node-base";

export interface JoinArgs {
  readonly facts: ClusterFacts;
  /** The control plane that accepts their tokens. */
  readonly through: NodeMachine;
  readonly nodes: readonly PreparedNode[];
  readonly caHash: pulumi.Input<string>;
  /** `ControlPlane.goesWithCluster`. */
  readonly goesWithCluster: pulumi.Resource;
  /** Digests of what must be on each node besides, by its name; another one runs its join again. @default - none */
  readonly after?: Readonly<Record<string, pulumi.Input<string>>>;
  /**
   * 64 hexadecimal digits, a secret: then the nodes become control planes, one by one. @default - they become workers
   */
  readonly certificateKey?: pulumi.Input<string>;
}

/**
 * Nodes that join: workers all at once, each on its own; control planes one after the other, because etcd takes one new
 * member at a time.
 *
 * The control plane accepts a node's token while `kubeadm join` runs on that node, half an hour at most. Both sides run at
 * the same time and end together, so a run that was interrupted starts both again. That takes two steps at once: `pulumi
 * up --parallel 1` would wait for ever.
 *
 * A node that is no longer listed is drained and leaves the cluster before its machine is destroyed; one that is down
 * leaves at once.
 */
export class Join extends pulumi.ComponentResource {
  /** Known when every node is in the cluster. */
  readonly done: pulumi.Output<string>;

  constructor(name: string, args: JoinArgs, opts?: pulumi.ComponentResourceOptions) {
    const { facts, through, caHash, certificateKey, goesWithCluster, after = {} } = args;
    super("kjerne:cluster:Join", name, { nodes: args.nodes.map(({ node }) => node.name) }, opts);
    const parent = this;
    const formerParent = certificateKey ? opts?.parent : undefined; // of the control plane that starts clusters

    const printed: pulumi.Output<string>[] = [];
    for (const joining of args.nodes) printed.push(join(joining, certificateKey ? printed.slice(-1) : []));
    this.done = pulumi.all(printed).apply((texts) => texts.join("\n"));
    this.registerOutputs({ done: this.done });

    function join(
      { node, base, tried, missing = pulumi.output("") }: PreparedNode,
      before: readonly pulumi.Output<string>[],
    ): pulumi.Output<string> {
      const token = tokenOf(node, parent);
      const certificates = certificateKey
        ? pulumi.output(certificateKey).apply((key) => renderUploadCertificates(facts, factsOf(through), key))
        : "";
      const role = certificateKey ? "control-plane" : "worker";
      const admitted = admission(
        { through, node, role, token, certificates, after: [caHash, ...before, missing] },
        { parent, formerParent, goesWithCluster },
      );
      const config = pulumi
        .all([token, caHash, certificateKey])
        .apply(([token, caHash, certificateKey]) =>
          renderJoin(facts, factsOf(node), { token, caHash, certificateKey }),
        );
      const joined = new NodeScript(
        `${node.name}-join`,
        {
          connection: node.connection,
          script: "kubeadm/join.sh",
          stdin: pulumi.secret(config),
          after: [base.digest, after[node.name] ?? "", ...before, node.instanceId, missing],
        },
        { parent, dependsOn: tried },
      );
      return pulumi.interpolate`${admitted.stdout} ${joined.stdout}`;
    }
  }
}

/** kubeadm's form: six characters as id, a dot, sixteen as secret. A machine that is recreated gets a new one. */
export function tokenOf(node: ClusterNode, parent: pulumi.Resource): pulumi.Output<string> {
  const text = new random.RandomPassword(
    `${node.name}-join-token`,
    { length: 22, upper: false, special: false, keepers: { instance: node.instanceId } },
    { parent },
  );
  return text.result.apply((characters) => `${characters.slice(0, 6)}.${characters.slice(6)}`);
}
