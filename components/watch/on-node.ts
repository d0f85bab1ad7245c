import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { exposition, verificationMetrics } from "../verify/prometheus";
import { table } from "../verify/report";
import type { Run } from "../verify/run";
import { send, sentScript } from "../verify/send";
import { verify } from "../verify/verify";
import type { Wanted } from "../verify/wanted";
import { watchCluster } from "./watch-cluster";

/** What `verifierFiles` writes on a control plane. */
interface Settings {
  /** Name of the node that this runs on. */
  readonly self: string;
  readonly stack: string;
  readonly wanted: Wanted;
  /** Path of the file for the node exporter. */
  readonly metrics: string;
}

const facts = "/etc/kjerne/verification";
/** Long enough for a mean, short enough that nobody is kept. */
const watchSeconds = 10;

/**
 * Verifies the cluster from one of its control planes, as root there; other nodes take the names of scripts that they have
 * themselves. Then watches what nodes do for some seconds. Writes metrics for the node exporter, prints the table, and fails
 * when a check did.
 */
async function main(): Promise<void> {
  const { self, stack, wanted, metrics }: Settings = JSON.parse(await readFile(`${facts}/settings.json`, "utf8"));
  const run = runFrom(self);
  const report = await verify(selfFirst(wanted, self), run, { say: console.error });
  // What was verified is told, whatever comes of this.
  const watched = await watchCluster(wanted, run, watchSeconds).catch((error) => {
    console.error(`watch: ${error}`);
    return [];
  });
  await mkdir(dirname(metrics), { recursive: true, mode: 0o755 });
  const text = `${verificationMetrics(stack, report)}${exposition(stack, watched)}`;
  // Debian gives /var/lib/prometheus to the user prometheus, who must not lead root elsewhere by a link.
  await rm(`${metrics}.new`, { force: true });
  await writeFile(`${metrics}.new`, text, { mode: 0o644, flag: "wx" });
  // Whole or not at all: the node exporter may read at any time.
  await rename(`${metrics}.new`, metrics);
  console.log(table(report));
  if (!report.passed) process.exitCode = 1;
}

/** The API server is asked here, where the scripts that do it lie. */
function selfFirst(wanted: Wanted, self: string): Wanted {
  const [own, others] = [true, false].map((here) => wanted.nodes.filter(({ name }) => (name === self) === here));
  return { ...wanted, nodes: [...(own ?? []), ...(others ?? [])] };
}

function runFrom(self: string): Run {
  return async (node, script, stdin, seconds = 300) =>
    node === self
      ? send({ node, script, seconds, stdin, command: ["bash", "-c", await sentScript(script), script] })
      : send({ node, script, seconds, stdin, command: ["ssh", "-F", `${facts}/ssh_config`, node, script] });
}

main().catch((error) => {
  console.error(`${error}`);
  process.exitCode = 1;
});
