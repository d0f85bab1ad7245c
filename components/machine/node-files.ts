import { createHash } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import type { FileSet } from "../../node-config/file-set";
import type { CommandAfterWriting } from "../../node-config/restarts";
import type { Connection } from "./connection";
import { formerCommands } from "./former-command";
import { kept, written } from "./kept-files";
import { digestOf, pythonOf, textOf } from "./program-text";

export interface NodeFilesArgs {
  /** The machine to write to. */
  readonly connection: Connection;
  /**
   * What to write. Give secret files as `pulumi.secret(fileSet)` in a set of their own: then the whole set is secret.
   */
  readonly files: pulumi.Input<FileSet>;
  /**
   * Commands that make the machine use the files, in this order. Each runs after a file below its paths was written or
   * removed, and again until it succeeded. @default - nothing runs
   */
  readonly onChange?: readonly CommandAfterWriting[];
  /**
   * Bash script, as a path below `node-config/`, that runs as root before anything is written: when it fails, nothing
   * is. `$1` is `create` or `update`. It does not run when the files are removed. @default - nothing to ask
   */
  readonly before?: { readonly script: string; readonly stdin?: pulumi.Input<string> };
  /**
   * Name of the cluster, on a machine that several clusters use: each then has file sets of its own. An update takes
   * over the set that an older release recorded without it. @default - the machine belongs to one cluster
   */
  readonly owner?: string;
  /** Whether the files leave the machine when this resource does. @default false: the machine goes with it */
  readonly removedOnDelete?: boolean;
}

/** Names of sets, as a machine's records have them, with the digest of each. */
export type FileSets = Readonly<Record<string, pulumi.Output<string>>>;

/**
 * Files on one machine. No other component writes files to machines. Each file is replaced whole; a file that leaves
 * the set leaves the machine. The set's name is the resource's name.
 *
 * The state has the lines of what the settings made of a file, so that a preview shows which change. Of a file that the
 * package has word for word it has the path there and a digest, except for objects of Kubernetes, which policies read.
 */
export class NodeFiles extends pulumi.CustomResource {
  /** SHA-256 of what was written: give it to whatever must run again when the files change. */
  readonly digest: pulumi.Output<string>;
  /** For `MachineState`, which compares them with the machine. Not a secret, though the files may be one. */
  readonly sets: FileSets;

  constructor(name: string, args: NodeFilesArgs, opts?: pulumi.CustomResourceOptions) {
    const { connection, before, onChange, owner, removedOnDelete } = args;
    const files = pulumi.output(args.files);
    super(
      "kjerne-drift:index:NodeFiles",
      name,
      {
        connection: pulumi.secret(connection),
        files: files.apply(kept),
        writer: digestOf(pythonOf("write-files.py")),
        before: before && { ...before, digest: digestOf(textOf(before.script)) },
        onChange,
        owner,
        removedOnDelete,
      },
      { ...opts, aliases: [...(opts?.aliases ?? []), ...formerCommands("kjerne:node:NodeFiles", name, opts)] },
    );

    this.digest = pulumi.all([this.id, files]).apply(([, files]) =>
      createHash("sha256")
        .update(JSON.stringify(written(files)))
        .digest("hex"),
    );
    this.sets = { [name]: pulumi.unsecret(this.digest) };
  }
}
