import * as pulumi from "@pulumi/pulumi";
import { defaults } from "../../node-config/defaults";
import type { ClusterFacts } from "../../node-config/kubeadm";
import { hostsLines, type Mirror, nodeFiles } from "../../node-config/node-files";
import { commandsAfterWriting } from "../../node-config/restarts";
import type { ProxyMode } from "../../node-config/versions";
import { NodeFiles } from "../machine/node-files";
import { NodeScript } from "../machine/node-script";
import { type ClusterNode, factsOf } from "../node/cluster-node";

export interface NodeBaseArgs {
  readonly facts: ClusterFacts;
  readonly node: ClusterNode;
  /** Registries that nodes pull from instead of the upstream ones. @default - each image from its own registry */
  readonly mirrors?: readonly Mirror[];
  /** kube-proxy's mode: IPVS needs kernel modules of its own. @default "ipvs" */
  readonly proxyMode?: ProxyMode;
}

/**
 * What every node of a cluster has: kernel modules, container runtime, mirrors, the API server's name. A node that is
 * in a cluster refuses another name or port of the endpoint, before anything is written here.
 */
export class NodeBase extends pulumi.ComponentResource {
  /** Changes whenever the files or the machine changed; use it to trigger whatever must run again. */
  readonly digest: pulumi.Output<string>;

  constructor(name: string, args: NodeBaseArgs, opts?: pulumi.ComponentResourceOptions) {
    const { facts, node, mirrors = [], proxyMode = defaults.proxy.mode } = args;
    super("kjerne:cluster:NodeBase", name, { node: node.name, mirrors }, opts);

    const { host, port } = facts.endpoint;
    const endpoint = new NodeScript(
      `${name}-endpoint`,
      { connection: node.connection, script: "kubeadm/keep-endpoint.sh", stdin: `${host}:${port}` },
      { parent: this },
    );
    const names = node.existing
      ? [
          new NodeScript(
            `${name}-hosts`,
            {
              connection: node.connection,
              script: "machine/hosts.sh",
              stdin: hostsLines(facts, factsOf(node)).join("\n"),
            },
            { parent: this, dependsOn: endpoint },
          ),
        ]
      : [];
    const files = nodeFiles(facts, factsOf(node), mirrors, proxyMode);
    const written = new NodeFiles(
      `${name}-files`,
      { connection: node.connection, files, onChange: commandsAfterWriting(files) },
      { parent: this, dependsOn: [endpoint, ...names] },
    );

    this.digest = written.digest;
    this.registerOutputs({ digest: this.digest });
  }
}
