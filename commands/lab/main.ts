import { expectLab } from "../../tools/lab/labs";
import { aloneOnLab } from "../../tools/lab/lock";
import { runCommand } from "../run-command";
import { nameBottlenecks } from "./bottlenecks";
import { bringUp, takeDown } from "./bring-up";
import { printCis } from "./cis";
import { printEnvironment } from "./environment";
import { doToNode } from "./node";
import { setUp } from "./set-up";
import { printStatus } from "./status";

type Given = Readonly<Record<string, string>>;

/** The commands that `make` runs: a verb, the name of a lab, and variables; for `setup` the part to set up. */
const verbs: Readonly<Record<string, (about: string, given: Given) => Promise<void>>> = {
  setup: setUp,
  lab: (lab, given) => aloneOnLab(lab, "make lab", () => bringUp(lab, given)),
  "lab-node": (lab, { NODE, DO }) =>
    aloneOnLab(lab, "make lab-node", () => expectLab(lab).then(() => doToNode(lab, NODE, DO))),
  "lab-status": printStatus,
  "lab-cis": printCis,
  "lab-bottlenecks": (lab) => aloneOnLab(lab, "make lab-bottlenecks", () => nameBottlenecks(lab)),
  "lab-down": (lab) => aloneOnLab(lab, "make lab-down", () => expectLab(lab).then(() => takeDown(lab))),
  env: printEnvironment,
};

// What the lab's machines and images are made of must not depend on whose shell this is.
process.umask(0o022);

const [verb = "", ...words] = process.argv.slice(2);
const isVariable = (word: string) => /^[A-Z_]+=/.test(word);
const given = Object.fromEntries(words.filter(isVariable).map((word) => word.split(/=(.*)/s, 2)));
const lab = words.filter((word) => !isVariable(word)).join(" ") || "lab";
const run = verbs[verb];
if (!run) {
  console.error(`kjerne: no verb ${verb || "given"}; choose one of ${Object.keys(verbs).join(", ")}`);
  process.exit(2);
}
runCommand(() => run(lab, given), 1);
