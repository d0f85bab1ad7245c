import { type Answer, type Ask, type Reading, read } from "./answers";
import { clusterChecks, nodeChecks } from "./checks";
import { observedCluster } from "./observed-cluster";
import { type ObservedNode, observedNode } from "./observed-node";
import { type ProbeOutput, probeChecks } from "./probe-checks";
import { probeInput } from "./probe-manifests";
import { probePlan } from "./probe-plan";
import type { Check, Report } from "./report";
import type { Wanted, WantedNode } from "./wanted";

/**
 * Runs one script as root on one node and returns what it printed. `script` is a path below `node-config/`.
 * Rejects when the node can't be reached or the script fails.
 */
export type Run = (node: string, script: string, stdin: string) => Promise<string>;

export interface VerifyOptions {
  /** How long to repeat failed checks before they count, in seconds. @default 0 */
  readonly settleSeconds?: number;
  /** Progress, a line at a time. @default - silent */
  readonly say?: (line: string) => void;
}

/** Length of the CPU steal sample, in seconds. */
const sampleSeconds = 5;
/** Time between two looks at a cluster that still settles, in milliseconds: each look takes CPU time from it. */
const lookAgainMs = 30_000;

/** Checks a running cluster. Failed checks are in the report; they never reject the promise. */
export async function verify(wanted: Wanted, run: Run, options: VerifyOptions = {}): Promise<Report> {
  const { settleSeconds = 0, say = () => {} } = options;
  // Pods first: a node that has never run a pod holds no block of addresses, so no route leads to it.
  say("verify: pods try what must pass and what must be refused");
  const probes = await probe(wanted, run);
  say("verify: reading every node");
  const seen = await settled(wanted, run, settleSeconds, say);
  const checks = [...seen.checks, ...probes];
  return {
    schema: 1,
    time: new Date().toISOString(),
    passed: checks.every(({ passed }) => passed),
    remarks: wanted.remarks ?? [],
    nodes: seen.nodes,
    checks,
  };
}

/** Repeats all checks but the probes until every one passes or the time is over, and returns the last result. */
export async function settled(wanted: Wanted, run: Run, seconds: number, say: (line: string) => void): Promise<Seen> {
  const deadline = Date.now() + seconds * 1000;
  for (let printed = ""; ; ) {
    const seen = await look(wanted, run);
    const waiting = seen.checks.filter(({ passed }) => !passed);
    if (waiting.length === 0 || Date.now() >= deadline) return seen;
    const line = `verify: waiting for ${waiting.map(({ node, title, found }) => `${node}: ${title} (${found})`).join("; ")}`;
    if (line !== printed) say(line);
    printed = line;
    await new Promise((resolve) => setTimeout(resolve, lookAgainMs));
  }
}

/** One look at everything. */
export interface Seen {
  readonly checks: readonly Check[];
  readonly nodes: Report["nodes"];
}

/** Reads and judges every node and the cluster once. */
async function look(wanted: Wanted, run: Run): Promise<Seen> {
  const asked = wanted.nodes.find(({ role }) => role === "control-plane");
  const sysctls = wanted.sysctls.map(({ key }) => key);
  const answers = await Promise.all(
    wanted.nodes.map(async (node) => {
      const seconds = node.container ? 0 : sampleSeconds;
      const stdin = JSON.stringify({ sysctls, seconds, cluster: node === asked });
      return { node, ask: await observe(run, node, stdin) };
    }),
  );
  const cluster = observedCluster(answers.find(({ node }) => node === asked)?.ask ?? (() => undefined));
  const nodes = answers.map(({ node, ask }) => ({ node, observed: observedNode(ask) }));
  return {
    checks: [
      ...clusterChecks(wanted, cluster),
      ...nodes.flatMap(({ node, observed }) => nodeChecks(wanted, node, observed, cluster)),
    ],
    nodes: nodes.map(({ node, observed }) => reported(node, observed)),
  };
}

/** For a node that can't be reached every reading fails with the reason, and each of its checks shows it. */
async function observe(run: Run, node: WantedNode, stdin: string): Promise<Ask> {
  try {
    const answers: Readonly<Record<string, Answer>> = JSON.parse(await run(node.name, "verify/observe.sh", stdin));
    return (name) => answers[name];
  } catch (error) {
    return () => ({ status: 1, stdout: "", stderr: `${error}` });
  }
}

async function probe(wanted: Wanted, run: Run): Promise<Check[]> {
  const plan = probePlan(wanted);
  const asked = wanted.nodes.find(({ role }) => role === "control-plane")?.name ?? "";
  let output: Reading<ProbeOutput>;
  try {
    const text = await run(asked, "verify/probe.sh", JSON.stringify(probeInput(plan, wanted.probe)));
    output = read({ status: 0, stdout: text, stderr: "" }, JSON.parse);
  } catch (error) {
    output = { unreadable: `${error}` };
  }
  return probeChecks(plan, output);
}

function reported(node: WantedNode, observed: ObservedNode): Report["nodes"][number] {
  const value = <T>(reading: Reading<T>, otherwise: T) => ("value" in reading ? reading.value : otherwise);
  return {
    name: node.name,
    kernel: value(observed.kernel, ""),
    bootId: value(observed.bootId, ""),
    uptimeSeconds: value(observed.uptimeSeconds, 0),
  };
}
