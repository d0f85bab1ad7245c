import { version } from "@pulumi/command/package.json";
import type { Provider } from "../plugin/resource-type";
import { localCommand } from "./local-command";
import { remoteCommand } from "./remote-command";

/** Stand-in for the command provider. */
export const commandProvider: Provider = {
  name: "command",
  version,
  resources: { "command:local:Command": localCommand, "command:remote:Command": remoteCommand },
};
