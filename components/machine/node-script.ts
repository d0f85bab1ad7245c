import * as pulumi from "@pulumi/pulumi";
import type { Connection } from "./connection";
import { formerCommands } from "./former-command";
import { digestOf, textOf } from "./program-text";

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
 * The state has the path of the script and a digest of its text, which the provider (drift/) takes from the package.
 *
 * Root's scripts run one at a time on a machine, whoever started them: another one waits, and fails with the name of the
 * one that it waits for when that takes longer than its own deadline.
 */
export class NodeScript extends pulumi.CustomResource {
  /** What the script printed. Known after it ran. */
  declare readonly stdout: pulumi.Output<string>;

  constructor(name: string, args: NodeScriptArgs, opts?: pulumi.CustomResourceOptions) {
    const { connection, script, stdin, undo, replaceOn, asLoginUser, exclusive, deadlineMinutes, secret } = args;
    const texts = [script, ...(undo && undo !== script ? [undo] : [])].map(textOf);
    const after = args.after?.length
      ? pulumi.all([...args.after]).apply((values) => digestOf(values.join("\n")))
      : undefined;
    super(
      "kjerne-drift:index:NodeScript",
      name,
      {
        connection: pulumi.secret(connection),
        script,
        undo,
        digest: digestOf(...texts),
        stdin,
        after,
        asLoginUser,
        exclusive,
        deadlineMinutes,
        secret,
        stdout: undefined,
      },
      {
        ...opts,
        // Delete before create: otherwise the old `undo` would run after the new script and remove its result.
        deleteBeforeReplace: undo !== undefined,
        ...(replaceOn ? { replacementTrigger: [...replaceOn] } : {}),
        ...(secret ? { additionalSecretOutputs: ["stdout"] } : {}),
        aliases: [...(opts?.aliases ?? []), ...formerCommands("kjerne:node:NodeScript", name, opts)],
      },
    );
  }
}
