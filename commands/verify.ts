import { mkdir, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { stringify } from "yaml";
import { alertRules, verificationMetrics } from "../components/verify/prometheus";
import { table } from "../components/verify/report";
import { overSsh } from "../components/verify/ssh";
import { verify } from "../components/verify/verify";
import { runCommand } from "./run-command";
import { clusterOf } from "./stack-outputs";

const options = {
  stack: { type: "string" },
  /**
   * How often somebody runs this, in minutes: the alert about a verification that no longer runs goes by it.
   * @default - as often as the settings say, or 15
   */
  every: { type: "string" },
  /** @default report/<stack> */
  output: { type: "string" },
} as const;

const repository = join(__dirname, "..");

/**
 * `make verify STACK=…`: verifies the running cluster again, without a deployment, and writes what it saw: as JSON, as
 * metrics for the node exporter, and as alerting rules for Prometheus.
 */
async function main(): Promise<void> {
  const { values } = parseArgs({ options });
  const { stack, every } = values;
  if (!/^[1-9]\d*$/.test(every ?? "15")) throw new Error(`EVERY=${every} is no number of minutes, such as 15`);
  const { wanted, targets } = await clusterOf(repository, "verify", stack);
  const name = stack as string;
  const report = await overSsh(targets, (run) => verify(wanted, run, { say: console.error }));
  const output = values.output ?? join(repository, "report", name);
  await mkdir(output, { recursive: true });
  await replace(join(output, "verification.json"), `${JSON.stringify(report, null, 2)}\n`);
  await replace(join(output, "verification.prom"), verificationMetrics(name, report));
  await replace(
    join(output, "verification.rules.yaml"),
    stringify(alertRules(name, report, Number(every ?? wanted.everyMinutes ?? 15))),
  );
  console.log(`${table(report)}\n\n${output}`);
  if (!report.passed) process.exitCode = 1;
}

/** Whole or not at all: the node exporter may read at any time. */
async function replace(file: string, text: string): Promise<void> {
  await writeFile(`${file}.new`, text);
  await rename(`${file}.new`, file);
}

runCommand(main, 2);
