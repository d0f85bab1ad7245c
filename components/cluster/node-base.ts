import * as pulumi from "@pulumi/pulumi";
import { defaults } from "../../node-config/defaults";
import { type DoorFacts, doorFiles } from "../../node-config/doors";
import { type WorkerFacts, workerFiles } from "../../node-config/exclusive-cpus";
import { type FabricFacts, fabricFiles } from "../../node-config/fabric";
import { merge } from "../../node-config/file-set";
import type { ClusterFacts } from "../../node-config/kubeadm";
import { hostsLines, type Mirror, nodeFiles } from "../../node-config/node-files";
import { commandsAfterWriting } from "../../node-config/restarts";
import { type SysctlProfileName, sysctlFiles } from "../../node-config/sysctl";
import type { ProxyMode } from "../../node-config/versions";
import { type FileSets, NodeFiles } from "../machine/node-files";
import { NodeScript } from "../machine/node-script";
import { type ClusterNode, factsOf, type NodeMachine } from "../node/cluster-node";

export interface NodeBaseArgs {
  readonly facts: ClusterFacts;
  readonly node: ClusterNode;
  readonly role: "control-plane" | "worker";
  /** Registries that nodes pull from instead of the upstream ones. @default - each image from its own registry */
  readonly mirrors?: readonly Mirror[];
  /** kube-proxy's mode: IPVS needs kernel modules of its own. @default "ipvs" */
  readonly proxyMode?: ProxyMode;
  /** Profiles of kernel settings, which add up. @default - none: give them to a `SysctlProfile` */
  readonly sysctlProfiles?: readonly SysctlProfileName[];
  /** CPUs that pods have for themselves, and huge pages. @default - none */
  readonly worker?: WorkerFacts;
  /** The network on which pods that ask get a second interface. @default - the node has no card there */
  readonly fabric?: FabricFacts;
  /** Who has business with the node's own services. @default - nobody is kept away */
  readonly doors?: DoorFacts;
  /** Certificates in PEM of who signed those of `mirrors`. @default - none beside the system's own */
  readonly authorities?: string;
}

/**
 * What every node of a cluster has: kernel modules and settings, container runtime, mirrors, the API server's name; and
 * the machine's own network, clock and keys, where kjerne made it. A node that is in another cluster than the facts
 * describe refuses, before anything is written here. Rules that close its own services undo themselves unless a new ssh
 * session can be had under them.
 */
export class NodeBase extends pulumi.ComponentResource {
  /** Changes whenever the files or the machine changed; use it to trigger whatever must run again. */
  readonly digest: pulumi.Output<string>;
  /** What was written, for `MachineState`. */
  readonly sets: FileSets;

  constructor(name: string, args: NodeBaseArgs, opts?: pulumi.ComponentResourceOptions) {
    const { facts, node, role, doors, mirrors = [], proxyMode = defaults.proxy.mode, sysctlProfiles = [] } = args;
    super("kjerne:cluster:NodeBase", name, { node: node.name, mirrors, sysctlProfiles }, opts);

    const files = merge(
      nodeFiles(facts, factsOf(node), mirrors, proxyMode, args.authorities),
      sysctlProfiles.length > 0 ? sysctlFiles(sysctlProfiles) : {},
      workerFiles(args.worker ?? {}),
      args.fabric ? fabricFiles(args.fabric) : {},
      doors ? doorFiles(doors) : {},
      node.files ?? {},
    );
    const written = new NodeFiles(
      `${name}-files`,
      {
        connection: node.connection,
        before: { script: "machine/ready.sh", stdin: JSON.stringify(expected(facts, node, role)) },
        files,
        onChange: commandsAfterWriting(files),
      },
      { parent: this },
    );

    const confirmed =
      doors &&
      new NodeScript(
        `${name}-doors`,
        { connection: node.connection, script: "machine/confirm-doors.sh", after: [written.digest] },
        { parent: this, dependsOn: written },
      );

    this.digest = pulumi.all([written.digest, confirmed?.stdout]).apply(([digest]) => digest);
    this.sets = written.sets;
    this.registerOutputs({ digest: this.digest });
  }
}

/** A node on which everything is that comes before kubeadm. */
export interface PreparedNode {
  readonly node: NodeMachine;
  readonly base: NodeBase;
  /** What has to succeed before Kubernetes. @default - nothing beside `base` */
  readonly tried?: pulumi.Resource;
  /** Not empty when the cluster has lost its Node: then it registers again. @default - the cluster has it */
  readonly missing?: pulumi.Output<string>;
}

/** What `ready.sh` reads. */
function expected(facts: ClusterFacts, node: ClusterNode, role: NodeBaseArgs["role"]): object {
  const { name: cluster, endpoint, podCidr, serviceCidr } = facts;
  return {
    cluster,
    role,
    endpoint: `${endpoint.host}:${endpoint.port}`,
    podCidr,
    serviceCidr,
    boot: node.boot ?? null,
    hosts: node.existing ? hostsLines(facts, factsOf(node)) : null,
  };
}
