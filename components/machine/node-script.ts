import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { remote } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { asRoot, type Connection } from "./connection";

export interface NodeScriptArgs {
  /** The machine to run on. */
  readonly connection: Connection;
  /**
   * Script to run as root, as a path below `node-config/`. Guarded and idempotent: it runs again when anything here
   * changes. `$1` is `create` or `update`, for `undo` `delete`.
   */
  readonly script: string;
  /** What the script reads on stdin: JSON, or nothing. The only way in for a secret. @default - empty */
  readonly stdin?: pulumi.Input<string>;
  /** Values that make the script run again when they change, such as the digest of files it reads. @default - none */
  readonly after?: readonly pulumi.Input<string>[];
  /**
   * Values that replace: when one changes, `undo` runs with the old stdin and the script with the new. A state in which
   * none are recorded yet takes these without a replacement. @default - none
   */
  readonly replaceOn?: readonly string[];
  /**
   * Script that undoes this one, as a path below `node-config/`; it reads the same stdin. @default - nothing to undo
   */
  readonly undo?: string;
  /** Whether the script runs as the login user instead of root: for one that only looks. @default false */
  readonly asLoginUser?: boolean;
  /** Whether what the script prints is a secret: then it is neither logged nor kept in clear. @default false */
  readonly secret?: boolean;
}

/**
 * One guarded script, run as root on one machine, or as the login user if it only looks. No other component changes a machine by commands; the verification
 * looks at nodes by an ssh of its own (verify/ssh.ts) and changes nothing.
 */
export class NodeScript extends pulumi.ComponentResource {
  /** What the script printed. Known after it ran. */
  readonly stdout: pulumi.Output<string>;

  constructor(name: string, args: NodeScriptArgs, opts?: pulumi.ComponentResourceOptions) {
    const texts = [args.script, ...(args.undo ? [args.undo] : [])].map(textOf);
    // For policies: in a preview the command line of remote.Command ends in a digest that is not known yet.
    const before = args.asLoginUser ? "" : `${asRoot} `;
    const line = `${before}${commandLine(args.script, "create", texts)}`;
    super("kjerne:node:NodeScript", name, { script: args.script, commandLine: line }, opts);

    const run = (action: Action) =>
      pulumi
        .all([...(args.after ?? [])])
        .apply((after) => `${before}${commandLine(args.script, action, texts, after)}`);
    const ran = new remote.Command(
      name,
      {
        connection: args.connection,
        create: run("create"),
        update: run("update"),
        ...(args.undo ? { delete: `${before}${commandLine(args.undo, "delete", texts)}` } : {}),
        stdin: pulumi.interpolate`${texts.join("")}${args.stdin ?? ""}`,
        addPreviousOutputInEnv: false,
        ...(args.secret ? { logging: remote.Logging.None } : {}),
      },
      {
        parent: this,
        // Delete before create: otherwise the old `undo` would run after the new script and remove its result.
        deleteBeforeReplace: args.undo !== undefined,
        ...(args.replaceOn ? { replacementTrigger: [...args.replaceOn] } : {}),
        // Older releases recorded `replaceOn` there, where any difference replaces.
        ignoreChanges: ["triggers"],
        ...(args.secret ? { additionalSecretOutputs: ["stdout", "stderr"] } : {}),
      },
    );

    this.stdout = ran.stdout;
    this.registerOutputs({ stdout: this.stdout });
  }
}

type Action = "create" | "update" | "delete";

/**
 * The command that runs one of the scripts. Their texts are the first bytes of stdin, before the script's own input: an
 * error then names the script instead of quoting it. `head -c` cuts each off by its length; the other one is skipped.
 */
function commandLine(script: string, action: Action, texts: readonly string[], after: readonly string[] = []): string {
  const chosen = action === "delete" ? 1 : 0;
  const parts = texts.map((text, index) => {
    const length = Buffer.byteLength(text);
    return index === chosen ? `script=$(head -c ${length})` : `head -c ${length} >/dev/null`;
  });
  const reason = after.length ? ` # after ${createHash("sha256").update(after.join("\n")).digest("hex")}` : "";
  return `bash --norc -c '${parts.join("; ")}; eval "$script"' ${script} ${action}${reason}`;
}

function textOf(script: string): string {
  return readFileSync(join(__dirname, "../../node-config", script), "utf8");
}
