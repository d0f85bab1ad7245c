import { readFileSync } from "node:fs";
import { remote } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { textOf } from "../../../components/machine/program-text";
import { type Action, commandLine, runner, startOf } from "../../../components/machine/runner";
import type { Input } from "./nodes";

/** The script of `nodes.ts`, run as by 0.1.0: by a remote.Command below a component. */
const { connection, script }: Input = JSON.parse(readFileSync(String(process.env.KJERNE_TEST_INPUT), "utf8"));

class NodeScript extends pulumi.ComponentResource {
  constructor(name: string, args: NonNullable<Input["script"]>) {
    super("kjerne:node:NodeScript", name, { script: args.script });
    const texts = [...new Set([args.script, args.undo ?? args.script])].map(textOf);
    const line = (action: Action, name = args.script) => commandLine({ ...args, name, action, start: startOf(texts) });
    const options = {
      parent: this,
      deleteBeforeReplace: args.undo !== undefined,
      ...(args.replaceOn ? { replacementTrigger: args.replaceOn } : {}),
    };
    new remote.Command(
      name,
      {
        connection,
        create: line("create"),
        update: line("update"),
        ...(args.undo ? { delete: line("delete", args.undo) } : {}),
        stdin: pulumi.secret(`${runner}${texts.join("")}${args.secretStdin}`),
        addPreviousOutputInEnv: false,
        triggers: args.replaceOn ?? [],
      },
      options,
    );
  }
}

if (script) new NodeScript("script", script);
