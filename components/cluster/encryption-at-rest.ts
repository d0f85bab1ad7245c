import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { type EncryptionKey, encryptionPath, renderEncryption } from "../../node-config/encryption";
import { file } from "../../node-config/file-set";
import { NodeFiles } from "../machine/node-files";
import { NodeScript } from "../machine/node-script";
import type { ClusterNode } from "../node/cluster-node";

export interface EncryptionAtRestArgs {
  /** Every control plane; the first one rewrites. */
  readonly nodes: readonly [ClusterNode, ...ClusterNode[]];
  /** Number of the key that encrypts, from 1. */
  readonly key: number;
  /** Whether the engine refuses to delete or replace the keys. */
  readonly protect: boolean;
  /** What writes `kjerne-encryption` to each node, in the order of `nodes`. */
  readonly prepared: readonly pulumi.Resource[];
}

/**
 * The encryption of Secrets and ConfigMaps in etcd: the keys, and the file on each control plane by which its API server
 * encrypts.
 *
 * Another key comes in steps, each of which every API server has taken before the next one begins: the new key reads, it
 * writes, everything is rewritten, the old key goes. API servers restart one after the other. Every key that ever was
 * stays in the state, since a backup of etcd needs the one of its day.
 */
export class EncryptionAtRest {
  /** The file on each control plane, in the order of `nodes`; there when no other key is in use. */
  readonly files: readonly NodeFiles[];

  /** @param name first part of the keys' names; with `parent` it identifies them in the state */
  constructor(name: string, args: EncryptionAtRestArgs, parent: pulumi.Resource) {
    const { nodes, key: number, prepared } = args;
    const keys = Array.from({ length: number }, (_, index) => encryptionKey(index + 1));
    const [current, before] = keys.slice(-2).reverse() as [pulumi.Output<EncryptionKey>, pulumi.Output<EncryptionKey>?];
    let last: readonly pulumi.Resource[] = [];

    if (before) {
      last = prepared;
      const names = nodes.map((node) => node.name);
      for (const node of nodes) advance(node, "reads", [before, current], node === nodes[0] ? names : undefined);
      for (const node of nodes) advance(node, "writes", [current, before]);
      rewrite();
    }
    this.files = nodes.map((node, index) => write(node, prepared.slice(index, index + 1)));

    /**
     * 32 letters, digits and signs hold more than 128 bits. Not RandomBytes: its id, which is no secret, is its value.
     */
    function encryptionKey(number: number): pulumi.Output<EncryptionKey> {
      const { result } = new random.RandomPassword(
        number === 1 ? `${name}-encryption-key` : `${name}-encryption-key-${number}`,
        { length: 32 },
        { parent, protect: args.protect, retainOnDelete: true },
      );
      return result.apply((text) => ({ name: `key${number}`, secret: Buffer.from(text, "utf8").toString("base64") }));
    }

    function advance(node: ClusterNode, step: "reads" | "writes", order: Keys, controlPlanes?: readonly string[]) {
      const stdin = pulumi.jsonStringify({ key: `key${number}`, configuration: configuration(order), controlPlanes });
      const { connection } = node;
      next(
        new NodeScript(
          `${node.name}-encryption-key-${step}`,
          { connection, script: "kubeadm/advance-encryption.sh", stdin: pulumi.secret(stdin) },
          { parent, dependsOn: [...last] },
        ),
      );
    }

    function rewrite() {
      const { connection } = nodes[0];
      const stdin = JSON.stringify({ key: `key${number}` });
      next(
        new NodeScript(
          `${name}-encryption-rewrite`,
          { connection, script: "kubeadm/rewrite-encrypted.sh", stdin },
          { parent, dependsOn: [...last] },
        ),
      );
    }

    function write(node: ClusterNode, prepared: readonly pulumi.Resource[]): NodeFiles {
      const text = configuration([current]);
      return next(
        new NodeFiles(
          `${node.name}-encryption`,
          {
            connection: node.connection,
            files: text.apply((content) => file(encryptionPath, content, "0600")),
            before: { script: "kubeadm/check-encryption.sh", stdin: text },
            onChange: [{ paths: [encryptionPath], command: "kjerne-encryption use" }],
          },
          { parent, dependsOn: [...prepared, ...last] },
        ),
      );
    }

    /** One machine at a time: whatever comes next waits for this. */
    function next<R extends pulumi.Resource>(made: R): R {
      last = [made];
      return made;
    }
  }
}

type Keys = readonly [pulumi.Output<EncryptionKey>, ...pulumi.Output<EncryptionKey>[]];

function configuration([first, ...others]: Keys): pulumi.Output<string> {
  return pulumi.secret(
    pulumi.all([first, pulumi.all(others)]).apply(([first, others]) => renderEncryption([first, ...others])),
  );
}
