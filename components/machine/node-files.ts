import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { remote } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import type { FileSet } from "../../node-config/file-set";
import { asRoot, type Connection } from "./connection";
import { shellQuote } from "./shell";

export interface NodeFilesArgs {
  /** The machine to write to. */
  readonly connection: Connection;
  /**
   * What to write. Give secret files as `pulumi.secret(fileSet)` in a set of their own: then the whole set is secret.
   */
  readonly files: pulumi.Input<FileSet>;
  /** Shell command that makes the machine use the files; runs after any of them changed. @default - nothing runs */
  readonly onChange?: string;
  /** Whether the files leave the machine when this resource does. @default false: the machine goes with it */
  readonly removedOnDelete?: boolean;
}

const writer = readFileSync(join(__dirname, "../../node-config/write-files.py"), "utf8");

/**
 * Files on one machine. No other component writes files to machines. Each file is replaced whole; a file that leaves
 * the set leaves the machine; `onChange` runs only when something changed. The set's name is the resource's name.
 */
export class NodeFiles extends pulumi.ComponentResource {
  /** SHA-256 of what was written: give it to whatever must run again when the files change. */
  readonly digest: pulumi.Output<string>;

  constructor(name: string, args: NodeFilesArgs, opts?: pulumi.ComponentResourceOptions) {
    super("kjerne:node:NodeFiles", name, {}, opts);

    const stdin = pulumi.output(args.files).apply((files) => manifest(name, files, args.onChange ?? ""));
    // -I: nothing of the login user's environment gets in.
    const write = `${asRoot} python3 -I -c ${shellQuote(writer)}`;
    const written = new remote.Command(
      name,
      {
        connection: args.connection,
        create: write,
        update: write,
        ...(args.removedOnDelete ? { delete: `${write} remove` } : {}),
        stdin,
        addPreviousOutputInEnv: false,
      },
      { parent: this },
    );

    this.digest = pulumi.all([written.id, stdin]).apply(([, text]) => createHash("sha256").update(text).digest("hex"));
    this.registerOutputs({ digest: this.digest });
  }
}

/** What `write-files.py` reads: content line by line, so that a preview shows the lines that change. */
function manifest(set: string, files: FileSet, onChange: string): string {
  const entries = Object.entries(files).map(
    ([path, { mode, content }]) => [path, { mode, lines: content.split("\n") }] as const,
  );
  return JSON.stringify({ set, files: Object.fromEntries(entries), onChange }, null, 1);
}
