import { createHash } from "node:crypto";
import { remote } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import type { FileSet } from "../../node-config/file-set";
import type { CommandAfterWriting } from "../../node-config/restarts";
import type { Connection } from "./connection";
import { pythonOf, textOf } from "./program-text";
import { type Action, commandLine, runner } from "./runner";

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
 * The runner and the writer, which the input itself holds: so all of stdin is JSON, of which a preview shows the lines of
 * files that change.
 */
const programs = { write: pythonOf("write-files.py"), run: runner };
const start =
  'import json, sys; m = json.load(sys.stdin.buffer); exec(m["run"]); run(m["write"], json.dumps(m).encode(), interpreter=[sys.executable, "-I"])';

/**
 * Files on one machine. No other component writes files to machines. Each file is replaced whole; a file that leaves
 * the set leaves the machine. The set's name is the resource's name.
 */
export class NodeFiles extends pulumi.ComponentResource {
  /** SHA-256 of what was written: give it to whatever must run again when the files change. */
  readonly digest: pulumi.Output<string>;
  /** For `MachineState`, which compares them with the machine. Not a secret, though the files may be one. */
  readonly sets: FileSets;

  constructor(name: string, args: NodeFilesArgs, opts?: pulumi.ComponentResourceOptions) {
    super("kjerne:node:NodeFiles", name, {}, opts);

    const files = pulumi.output(args.files).apply(linesOf);
    const { onChange = [], owner } = args;
    const before = args.before && {
      script: args.before.script,
      lines: textOf(args.before.script).split("\n"),
      stdin: args.before.stdin ?? "",
    };
    const stdin = pulumi
      .all([files, before])
      .apply(([files, before]) => JSON.stringify({ set: name, owner, before, files, onChange, ...programs }, null, 1));
    const line = (action: Action) => commandLine({ name: "write-files.py", action, start });
    const written = new remote.Command(
      name,
      {
        connection: args.connection,
        create: line("create"),
        update: line("update"),
        ...(args.removedOnDelete ? { delete: line("delete") } : {}),
        stdin,
        addPreviousOutputInEnv: false,
      },
      { parent: this },
    );

    this.digest = pulumi
      .all([written.id, files])
      .apply(([, files]) => createHash("sha256").update(JSON.stringify(files)).digest("hex"));
    this.sets = { [name]: pulumi.unsecret(this.digest) };
    this.registerOutputs({ digest: this.digest });
  }
}

/** Content line by line, so that a preview shows the lines that change. */
function linesOf(files: FileSet): Record<string, { mode: string; lines: string[] }> {
  return Object.fromEntries(
    Object.entries(files).map(([path, { mode, content }]) => [path, { mode, lines: content.split("\n") }]),
  );
}
