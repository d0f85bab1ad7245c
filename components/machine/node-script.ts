import { createHash } from "node:crypto";
import { remote } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import type { Connection } from "./connection";
import { textOf } from "./program-text";
import { type Action, commandLine, runner, startOf } from "./runner";

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
  /**
   * Whether it waits until no other script changes the machine, and keeps others waiting. Not for a script that itself
   * waits for another one on the same machine. @default true, and false for `asLoginUser`
   */
  readonly exclusive?: boolean;
  /** When the script is ended, with its children, if it did not end by itself. @default 45 */
  readonly deadlineMinutes?: number;
  /** Whether what the script prints is a secret: then it is neither logged nor kept in clear. @default false */
  readonly secret?: boolean;
}

/**
 * One guarded script on one machine, as root, or as the login user if it only looks. No other component changes a
 * machine by commands; the verification looks at nodes by an ssh of its own (verify/ssh.ts) and changes nothing.
 *
 * Root's scripts run one at a time on a machine, whoever started them: another one waits, and fails with the name of the
 * one that it waits for when that takes longer than its own deadline. Lines of stdout are shorter than 64 KiB, or the
 * script fails.
 */
export class NodeScript extends pulumi.ComponentResource {
  /** What the script printed. Known after it ran. */
  readonly stdout: pulumi.Output<string>;
  /** What the engine creates, replaces and deletes: for options such as `deletedWith` and `replaceWith`. */
  readonly command: pulumi.Resource;

  constructor(name: string, args: NodeScriptArgs, opts?: pulumi.ComponentResourceOptions) {
    const texts = [...new Set([args.script, args.undo ?? args.script])].map(textOf);
    const line = (action: Action, script = args.script) =>
      commandLine({ ...args, name: script, action, start: startOf(texts) });
    // For policies: in a preview the command line of remote.Command ends in a digest that is not known yet.
    super("kjerne:node:NodeScript", name, { script: args.script, commandLine: line("create") }, opts);

    const after = pulumi.all([...(args.after ?? [])]).apply(reasonOf);
    const ran = new remote.Command(
      name,
      {
        connection: args.connection,
        create: pulumi.interpolate`${line("create")}${after}`,
        update: pulumi.interpolate`${line("update")}${after}`,
        ...(args.undo ? { delete: line("delete", args.undo) } : {}),
        stdin: pulumi.interpolate`${runner}${texts.join("")}${args.stdin ?? ""}`,
        addPreviousOutputInEnv: false,
        ...(args.secret ? { logging: remote.Logging.None } : {}),
      },
      {
        parent: this,
        // Delete before create: otherwise the old `undo` would run after the new script and remove its result.
        deleteBeforeReplace: args.undo !== undefined,
        ...(args.replaceOn ? { replacementTrigger: [...args.replaceOn] } : {}),
        // Of a component's options, the engine passes on `deletedWith`, not this one.
        ...(opts?.replaceWith ? { replaceWith: opts.replaceWith } : {}),
        // Older releases recorded `replaceOn` there, where any difference replaces.
        ignoreChanges: ["triggers"],
        ...(args.secret ? { additionalSecretOutputs: ["stdout", "stderr"] } : {}),
      },
    );

    this.stdout = ran.stdout;
    this.command = ran;
    this.registerOutputs({ stdout: this.stdout });
  }
}

/** A comment behind the command: another one makes it run again. */
function reasonOf(after: readonly string[]): string {
  if (after.length === 0) return "";
  return ` # after ${createHash("sha256").update(after.join("\n")).digest("hex").slice(0, 16)}`;
}
