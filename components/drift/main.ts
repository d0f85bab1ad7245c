// Not the whole SDK, which takes a second to read: the engine starts this for each preview.
import { main } from "@pulumi/pulumi/provider";
import { pythonOf } from "../machine/program-text";
import { overSsh } from "../verify/ssh";
import { dial } from "./dial";
import { engineLog } from "./engine-log";
import { filesProvider } from "./files";
import { programProvider } from "./local-programs";
import { passInputs } from "./old-inputs";
import { driftProvider } from "./provider";
import { runOnBy } from "./run-on";
import { scriptProvider } from "./scripts";
import { served } from "./served";

const args = process.argv.slice(2);
const interrupt = new AbortController();
const show = engineLog(args);
const runOn = runOnBy(dial, show, interrupt.signal);

// The engine holds the other end of stdin. Whoever kills it ends this process too, with its ssh.
process.stdin.on("close", end).resume();
passInputs();
main(
  {
    ...served({
      // What a provider prints on stderr, the engine shows.
      MachineState: driftProvider(overSsh, pythonOf("write-files.py"), console.error),
      NodeScript: scriptProvider(runOn),
      NodeFiles: filesProvider(runOn),
      LocalProgram: programProvider(show, interrupt.signal),
    }),
    cancel: async () => interrupt.abort(new Error("interrupted")),
  },
  args,
);

/** What runs on machines goes on there. */
function end(): void {
  try {
    // The engine starts each provider as the leader of its own process group.
    process.kill(-process.pid, "SIGTERM");
  } catch {
    process.exit();
  }
}
