import { join } from "node:path";
import { parseArgs } from "node:util";
import { measure } from "../components/measure/measure";
import { reportOf } from "../components/measure/report";
import { summary } from "../components/measure/summary";
import { overSsh } from "../components/verify/ssh";
import { lastReport, writeReport } from "../review/report/write";
import { clusterOfLab } from "./lab/cluster";
import { runCommand } from "./run-command";
import { clusterOf } from "./stack-outputs";

const options = {
  /** A stack with settings in stacks/. @default - the lab */
  stack: { type: "string" },
  lab: { type: "string", default: "lab" },
  /** @default report/<stack> */
  output: { type: "string" },
} as const;

const repository = join(__dirname, "..");

/** `make report`: measures a running cluster and writes report.html, report.json and report.prom. */
async function main(): Promise<void> {
  const { values } = parseArgs({ options });
  const { stack = values.lab, output = join(repository, "report", stack) } = values;
  const { wanted, targets, hypervisors } = values.stack
    ? await clusterOf(repository, "report", values.stack)
    : await clusterOfLab(values.lab);

  const began = Date.now();
  const measured = await overSsh({ ...hypervisors, ...targets }, (run) =>
    measure(wanted, run, { hypervisors: Object.keys(hypervisors), say: console.error }),
  );
  const run = { stack, time: new Date(began).toISOString(), seconds: Math.round((Date.now() - began) / 1000) };
  const report = reportOf(run, measured, wanted.remarks ?? [], await lastReport(output));
  const files = await writeReport(output, report);
  console.log(`${summary(report)}\n\n${files.join("\n")}`);
}

runCommand(main, 1);
