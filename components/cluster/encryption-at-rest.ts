import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { encryptionPath, renderEncryption } from "../../node-config/encryption";
import { file } from "../../node-config/file-set";
import { NodeFiles } from "../machine/node-files";
import type { ClusterNode } from "../node/cluster-node";

/**
 * The encryption of Secrets and ConfigMaps in etcd: the key, and the file on each control plane by which its API server
 * encrypts.
 */
export class EncryptionAtRest {
  private readonly configuration: pulumi.Output<string>;

  /** `name` is the prefix of the key's resource name, `parent` the component that it belongs to: both are in states. */
  constructor(
    name: string,
    private readonly parent: pulumi.Resource,
  ) {
    // 32 letters, digits and signs hold more than 128 bits. Not RandomBytes: its id, which is no secret, is its value.
    const key = new random.RandomPassword(`${name}-encryption-key`, { length: 32 }, { parent });
    const base64 = key.result.apply((text) => Buffer.from(text, "utf8").toString("base64"));
    this.configuration = pulumi.secret(base64.apply(renderEncryption));
  }

  /** Writes the file on a control plane, once `after` is there; the digest of what was written, which is no secret. */
  writeOn(node: ClusterNode, after: pulumi.Resource): pulumi.Output<string> {
    const written = new NodeFiles(
      `${node.name}-encryption`,
      {
        connection: node.connection,
        files: this.configuration.apply((text) => file(encryptionPath, text, "0600")),
      },
      { parent: this.parent, dependsOn: after },
    );
    return pulumi.unsecret(written.digest);
  }
}
