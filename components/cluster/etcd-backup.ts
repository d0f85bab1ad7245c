import * as pulumi from "@pulumi/pulumi";
import { type BackupFacts, backupFiles, type StoreCredentials, storeFile } from "../../node-config/backup";
import { merge } from "../../node-config/file-set";
import { commandsAfterWriting } from "../../node-config/restarts";
import { type FileSets, NodeFiles } from "../machine/node-files";
import { NodeScript } from "../machine/node-script";
import type { NodeMachine } from "../node/cluster-node";
import { hasPrograms } from "./has-programs";

export interface EtcdBackupArgs extends BackupFacts {
  /** Name of the cluster, with which the name of each backup begins. */
  readonly cluster: string;
  /** Every control plane. */
  readonly nodes: readonly [NodeMachine, ...NodeMachine[]];
  /** Who may write to an S3 store; a secret. @default - none: backups go to a directory */
  readonly credentials?: pulumi.Input<StoreCredentials>;
  /** Values of the cluster once it runs: after a change of one a backup is taken at once. @default - none */
  readonly after?: readonly pulumi.Input<string>[];
}

/**
 * Backups of etcd, with what makes a cluster the same again: its CAs, the key of service accounts' tokens, the keys of
 * Secrets. Every control plane has what it needs and one of them takes each backup. They are encrypted to `recipients`
 * before they leave the machine, and read back before older ones are removed. A change takes a backup at once, so that an
 * update ends with one, or says why there is none. The files are there before the cluster is: a machine that shall get one
 * back from a backup has what that takes.
 */
export class EtcdBackup extends pulumi.ComponentResource {
  /** Changes whenever a backup was taken by a deployment; known when every control plane has looked into the store. */
  readonly done: pulumi.Output<string>;
  /** What was written on each control plane, by its name, for `MachineState`. */
  readonly sets: Readonly<Record<string, FileSets>>;

  constructor(name: string, args: EtcdBackupArgs, opts?: pulumi.ComponentResourceOptions) {
    const { cluster, nodes, credentials, after = [], to, everyMinutes, keep, recipients, authorities } = args;
    const facts = { to, everyMinutes, keep, recipients };
    super("kjerne:cluster:EtcdBackup", name, { ...facts, store: storeOf(to), encryptedBeforeTransfer: true }, opts);

    const written = nodes.map((node) => {
      const files = backupFiles(cluster, { ...facts, ...(authorities ? { authorities } : {}) });
      const all = pulumi.output(credentials).apply((known) => merge(files, storeFile(to, known)));
      return new NodeFiles(
        `${node.name}-backup`,
        {
          connection: node.connection,
          files: credentials ? pulumi.secret(all) : all,
          before: hasPrograms(needed),
          onChange: commandsAfterWriting(files),
          removedOnDelete: true,
        },
        { parent: this, deletedWith: node.machine },
      );
    });
    const taken = new NodeScript(
      `${name}-take`,
      {
        connection: nodes[0].connection,
        script: "kubeadm/back-up.sh",
        after: [...written.map(({ digest }) => pulumi.unsecret(digest)), ...after],
      },
      { parent: this, dependsOn: written },
    );

    this.sets = Object.fromEntries(nodes.map(({ name }, at) => [name, written[at]?.sets ?? {}]));

    const [, ...others] = nodes;
    const asked = others.map(
      ({ name, connection, machine }) =>
        new NodeScript(
          `${name}-backup-asked`,
          { connection, script: "kubeadm/ask-for-backup.sh", after: [taken.stdout] },
          { parent: this, deletedWith: machine },
        ),
    );

    this.done = pulumi.all([taken, ...asked].map(({ stdout }) => stdout)).apply((texts) => texts.join("\n"));
    this.registerOutputs({ done: this.done });
  }
}

const needed = { programs: ["age", "rclone"], for: "kjerne:backup", otherwise: "take kjerne:backup out" };

/** The place as an address: what policies compare with the record of backups. */
function storeOf(to: BackupFacts["to"]): string {
  if ("directory" in to) return `file://${to.directory}`;
  const { endpoint, bucket, prefix } = to.s3;
  return `s3://${[bucket, prefix].filter((part) => part !== "").join("/")}?endpoint=${new URL(endpoint).host}`;
}
