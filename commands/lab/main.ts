import { expectLab } from "../../tools/lab/labs";
import { aloneOnLab } from "../../tools/lab/lock";
import { runCommand } from "../run-command";
import { bringUp, takeDown } from "./bring-up";
import { printEnvironment } from "./environment";
import { setUp } from "./set-up";
import { printStatus } from "./status";

/** The commands that `make` runs: a verb, and the name of a lab; for `setup` the part to set up. */
const verbs: Readonly<Record<string, (about: string) => Promise<void>>> = {
  setup: setUp,
  lab: (lab) => aloneOnLab(lab, "make lab", () => bringUp(lab)),
  "lab-status": printStatus,
  "lab-down": (lab) => aloneOnLab(lab, "make lab-down", () => expectLab(lab).then(() => takeDown(lab))),
  env: printEnvironment,
};

const [verb = "", ...names] = process.argv.slice(2);
const lab = names.join(" ") || "lab";
const run = verbs[verb];
if (!run) {
  console.error(`kjerne: no verb ${verb || "given"}; choose one of ${Object.keys(verbs).join(", ")}`);
  process.exit(2);
}
runCommand(() => run(lab), 1);
