import { aloneOnLab } from "../../tools/lab/lock";
import { bringUp, takeDown } from "./bring-up";
import { printEnvironment } from "./environment";
import { setUp } from "./set-up";
import { printStatus } from "./status";

/** What `make` calls: one verb, and the lab it is about. */
const verbs: Readonly<Record<string, (lab: string) => Promise<void>>> = {
  setup: setUp,
  lab: (lab) => aloneOnLab(lab, "make lab", () => bringUp(lab)),
  "lab-status": printStatus,
  "lab-down": (lab) => aloneOnLab(lab, "make lab-down", () => takeDown(lab)),
  env: printEnvironment,
};

const [verb = "", lab = "lab"] = process.argv.slice(2);
const run = verbs[verb];
if (!run) {
  console.error(`kjerne: no verb ${verb || "given"}; choose one of ${Object.keys(verbs).join(", ")}`);
  process.exit(2);
}
run(lab).catch((error: unknown) => {
  console.error(`\n${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
});
