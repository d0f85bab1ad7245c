import * as pulumi from "@pulumi/pulumi";
import type { ClusterFacts, ProxyFacts } from "../../node-config/kubeadm";
import { judgeProxyMode, proxyConfiguration } from "../../node-config/proxy-mode";
import { versions } from "../../node-config/versions";
import { NodeScript } from "../machine/node-script";
import { type ClusterNode, factsOf } from "../node/cluster-node";
import { Refusal } from "../refusal/refusal";

export interface KubeProxyArgs {
  readonly facts: ClusterFacts;
  /** The first control plane. */
  readonly node: ClusterNode;
  readonly proxy: Omit<ProxyFacts, "featureGates">;
  /** What must be there before: the control plane's `caHash`. */
  readonly after: readonly pulumi.Input<string>[];
  /**
   * A `KubeProxyMove`, where there is one. Not by `dependsOn`: a component that waits for one that can't be registered, since the
   * settings are refused, keeps its children from telling why.
   */
  readonly moved?: pulumi.Resource;
}

/**
 * kube-proxy on every node, in IPVS mode by default. It leaves the kernel's connection tracking settings to the sysctl
 * profile. Throws when the Kubernetes release doesn't have the mode; warns when the mode is deprecated.
 *
 * After a change of mode on a running cluster, a node keeps the old mode's rules in its kernel until it restarts, unless a
 * `KubeProxyMove` has taken it there before.
 */
export class KubeProxy extends pulumi.ComponentResource {
  /** Changes whenever kube-proxy's configuration changes; known when every node runs it. */
  readonly done: pulumi.Output<string>;

  constructor(name: string, args: KubeProxyArgs, opts?: pulumi.ComponentResourceOptions) {
    const { facts, node, proxy } = args;
    super("kjerne:network:KubeProxy", name, { ...proxy }, opts);

    const { refusal, warning } = judgeProxyMode(proxy.mode, facts.kubernetesVersion, versions.proxyModes);
    if (refusal) throw new Refusal(`${name}: ${refusal}`);
    if (warning) pulumi.log.warn(warning, this);

    const applied = new NodeScript(
      `${name}-apply`,
      {
        connection: node.connection,
        script: "kubeadm/kube-proxy.sh",
        stdin: proxyConfiguration(facts, factsOf(node), proxy),
        after: args.after,
      },
      { parent: this, dependsOn: args.moved ? [args.moved] : [] },
    );

    this.done = applied.stdout;
    this.registerOutputs({ done: this.done });
  }
}
