import { join } from "node:path";
import { parseArgs } from "node:util";
import { measure } from "../components/measure/measure";
import { reportOf } from "../components/measure/report";
import { summary } from "../components/measure/summary";
import { overSsh } from "../components/verify/ssh";
import { lastReport, writeReport } from "../review/report/write";
import { ensureEngine } from "../tools/engine/engine";
import { pulumiOutput } from "../tools/pulumi";
import { type MeasureInput, measureInputOf } from "./lab/measured";
import { expectStack, readStackSettings } from "./preconditions";
import { runCommand } from "./run-command";

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
  const input = values.stack ? await ofStack(values.stack) : await measureInputOf(values.lab);
  if (!input) throw new Error(`stack ${stack} has no cluster yet; bring it up (pulumi up)`);
  const { wanted, targets, hypervisors } = input;

  const began = Date.now();
  const measured = await overSsh({ ...hypervisors, ...targets }, (run) =>
    measure(wanted, run, { hypervisors: Object.keys(hypervisors), say: console.error }),
  );
  const run = { stack, time: new Date(began).toISOString(), seconds: Math.round((Date.now() - began) / 1000) };
  const report = reportOf(run, measured, wanted.remarks ?? [], await lastReport(output));
  const files = await writeReport(output, report);
  console.log(`${summary(report)}\n\n${files.join("\n")}`);
}

async function ofStack(name: string): Promise<MeasureInput | undefined> {
  const settings = await readStackSettings(repository, "report", name, process.env.PULUMI_OPTION_CONFIG_FILE);
  const { cli, env } = await ensureEngine(() => {});
  const pulumi = (args: readonly string[]) => pulumiOutput(args, { cwd: repository, env: { ...process.env, ...env } });
  await expectStack(pulumi, settings, cli);
  const outputs = JSON.parse(await pulumi(["stack", "output", "--stack", settings.stack, "--json", "--show-secrets"]));
  return outputs.verification && { ...outputs.verification, hypervisors: outputs.hypervisors ?? {} };
}

runCommand(main, 1);
