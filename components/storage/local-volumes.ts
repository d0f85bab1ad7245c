import * as pulumi from "@pulumi/pulumi";
import { storageClass, type VolumeSpec, volumeLabel, volumeName } from "../../node-config/volumes";
import { type KubernetesObject, KubernetesResource, slugOf } from "../kubernetes/object";
import { NodeScript } from "../machine/node-script";
import type { NodeMachine } from "../node/cluster-node";

export interface LocalVolumesArgs {
  /** Nodes that are in the cluster, with their volumes. */
  readonly nodes: readonly { readonly node: NodeMachine; readonly volumes: readonly VolumeSpec[] }[];
  /** What has let them in. Each lets its node go only after this has. */
  readonly joined: readonly pulumi.Resource[];
  /** A control plane, which knows what is claimed. */
  readonly through: NodeMachine;
  /** For objects in the cluster. */
  readonly inCluster: pulumi.CustomResourceOptions;
}

/**
 * Directories of nodes as PersistentVolumes of the StorageClass `kjerne-local`, which pods claim: each is made by this and
 * stays where it is, so a pod goes where its volume lies. A claim waits for its first pod (WaitForFirstConsumer), and what
 * it leaves behind is kept (Retain). Nothing runs in the cluster for it.
 *
 * A node leaves, its machine is replaced, and a volume goes, only once no claim has it: until then the deployment fails
 * before the machine is touched, and names the claims; the node may have been drained by then. Directories keep their files.
 */
export class LocalVolumes extends pulumi.ComponentResource {
  /** Changes whenever volumes come or go; known when all of them are there. */
  readonly done: pulumi.Output<string>;

  constructor(name: string, args: LocalVolumesArgs, opts?: pulumi.ComponentResourceOptions) {
    const { nodes, joined, through, inCluster } = args;
    const shown = Object.fromEntries(nodes.map(({ node, volumes }) => [node.name, volumes]));
    super("kjerne:storage:LocalVolumes", name, { storageClass, volumes: shown }, opts);
    // Also in a preview: nothing there shows whose files a replaced machine takes along.
    pulumi.log.info(
      `volumes of ${nodes.map(({ node }) => node.name).join(", ")} lie on these machines and go with them; an up that replaces one or takes it out stops before that while a claim has one of its volumes`,
      this,
    );
    const inside = pulumi.mergeOptions(inCluster, { parent: this });

    new KubernetesResource(`${name}-${slugOf(localClass)}`, localClass, inside);
    const guarded = nodes.map(({ node, volumes }) => {
      const directories = new NodeScript(
        `${node.name}-volumes`,
        {
          connection: node.connection,
          script: "volumes/make.sh",
          stdin: JSON.stringify({ volumes }),
          after: [node.instanceId],
        },
        { parent: this, deletedWith: node.machine },
      );
      const objects = volumes.map((volume) => {
        const object = persistentVolume(node.name, volume);
        return new KubernetesResource(`${name}-${slugOf(object)}`, object, {
          ...inside,
          dependsOn: directories,
        });
      });
      return new NodeScript(
        `${node.name}-claims`,
        {
          connection: through.connection,
          script: "volumes/claims.sh",
          undo: "volumes/claims.sh",
          // What reads the machine is undone before it is replaced, the latest first: this, then the node leaves.
          stdin: pulumi.jsonStringify({
            node: node.name,
            instance: node.instanceId,
            volumes: volumes.map((volume) => volumeName(node.name, volume)),
          }),
        },
        // Undone first: before the volumes go, and before the node leaves.
        {
          parent: this,
          dependsOn: [...objects, ...joined, through.machine],
          ...(inCluster.deletedWith ? { deletedWith: inCluster.deletedWith } : {}),
          replaceWith: [node.machine],
        },
      );
    });

    this.done = pulumi.all(guarded.map(({ stdout }) => stdout)).apply((texts) => texts.join("\n"));
    this.registerOutputs({ done: this.done });
  }
}

export const localClass: KubernetesObject = {
  apiVersion: "storage.k8s.io/v1",
  kind: "StorageClass",
  metadata: { name: storageClass },
  // Kubernetes' own word for: nobody makes volumes when somebody claims one.
  provisioner: "kubernetes.io/no-provisioner",
  reclaimPolicy: "Retain",
  volumeBindingMode: "WaitForFirstConsumer",
};

export function persistentVolume(node: string, volume: VolumeSpec): KubernetesObject {
  return {
    apiVersion: "v1",
    kind: "PersistentVolume",
    metadata: {
      name: volumeName(node, volume),
      labels: { [volumeLabel]: node },
      // The provider would wait for one that a claim has left, which stays as it is.
      annotations: { "pulumi.com/skipAwait": "true" },
    },
    spec: {
      storageClassName: storageClass,
      capacity: { storage: `${volume.sizeGiB}Gi` },
      accessModes: ["ReadWriteOnce"],
      persistentVolumeReclaimPolicy: "Retain",
      volumeMode: "Filesystem",
      local: { path: volume.directory },
      nodeAffinity: {
        required: {
          nodeSelectorTerms: [
            { matchExpressions: [{ key: "kubernetes.io/hostname", operator: "In", values: [node] }] },
          ],
        },
      },
    },
  };
}
