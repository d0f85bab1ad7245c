import { version } from "@pulumi/command/package.json";
import type { Provider } from "../plugin/resource-type";
import { copyToRemote } from "./copy-to-remote";
import { localCommand, localRun } from "./local-command";
import { remoteCommand } from "./remote-command";

/** Stand-in for the command provider 1.2.1. `remote.CopyFile`, which that one deprecates, is not served. */
export const commandProvider: Provider = {
  name: "command",
  version,
  resources: {
    "command:local:Command": localCommand,
    "command:remote:Command": remoteCommand,
    "command:remote:CopyToRemote": copyToRemote,
  },
  functions: { "command:local:run": localRun },
};
