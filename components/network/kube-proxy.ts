import * as pulumi from "@pulumi/pulumi";
import { type ClusterFacts, type ProxyFacts, renderKubeProxy } from "../../node-config/kubeadm";
import { judgeProxyMode } from "../../node-config/proxy-mode";
import { versions } from "../../node-config/versions";
import { NodeScript } from "../machine/node-script";
import { type ClusterNode, factsOf } from "../node/cluster-node";

export interface KubeProxyArgs {
  readonly facts: ClusterFacts;
  /** The first control plane. */
  readonly node: ClusterNode;
  readonly proxy: Omit<ProxyFacts, "featureGates">;
  /** What must be there before: the control plane's `caHash`. */
  readonly after: readonly pulumi.Input<string>[];
}

/**
 * kube-proxy on every node, IPVS as the articles ask. It leaves connection tracking to the sysctl profile. Throws when
 * the Kubernetes release doesn't have the mode; warns when it is on its way out.
 *
 * Another mode on a running cluster leaves the rules of the old one on nodes until they restart.
 */
export class KubeProxy extends pulumi.ComponentResource {
  /** Another one whenever kube-proxy was changed. */
  readonly done: pulumi.Output<string>;

  constructor(name: string, args: KubeProxyArgs, opts?: pulumi.ComponentResourceOptions) {
    const { facts, node, proxy } = args;
    super("kjerne:network:KubeProxy", name, { ...proxy }, opts);

    const { refusal, warning, featureGates } = judgeProxyMode(proxy.mode, facts.kubernetesVersion, versions.proxyModes);
    if (refusal) throw new Error(`${name}: ${refusal}`);
    if (warning) pulumi.log.warn(warning, this);

    const applied = new NodeScript(
      `${name}-apply`,
      {
        connection: node.connection,
        script: "kubeadm/kube-proxy.sh",
        stdin: renderKubeProxy(facts, factsOf(node), { ...proxy, featureGates }),
        after: args.after,
      },
      { parent: this },
    );

    this.done = applied.stdout;
    this.registerOutputs({ done: this.done });
  }
}
