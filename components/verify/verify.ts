import { backupFresh } from "./backup-check";
import { clusterChecks, nodeChecks, routersOf } from "./checks";
import { clockOffset } from "./clock-checks";
import { endpointAnnounced, endpointHeld } from "./endpoint-check";
import { echoTargets } from "./mtu-checks";
import type { ObservedCluster } from "./observed-cluster";
import type { ObservedNode } from "./observed-node";
import { probe } from "./probe";
import { type ReadNode, readCluster, readNode } from "./read";
import type { Check, Report, Warning } from "./report";
import { type Run, textOf } from "./run";
import { answersBySsh } from "./system-checks";
import { volumeWarnings } from "./volume-checks";
import type { Wanted, WantedNode } from "./wanted";
import { clusterWarnings, echoWarnings, etcdDiskWarnings, restartWarnings } from "./warnings";

export interface VerifyOptions {
  /** How long the cluster may take to settle: failed checks are repeated until then. In seconds. @default 0 */
  readonly settleSeconds?: number;
  /** Progress, a line at a time. @default - silent */
  readonly say?: (line: string) => void;
}

/** Time between two looks at a cluster that still settles, in milliseconds: each look takes CPU time from it. */
const lookAgainMs = 30_000;

/**
 * Checks a running cluster. Failed checks are in the report; they never reject the promise. Ends at the latest
 * `settleSeconds` and half an hour after it began: each script that runs on a node has a deadline.
 */
export async function verify(wanted: Wanted, run: Run, options: VerifyOptions = {}): Promise<Report> {
  const { settleSeconds = 0, say = () => {} } = options;
  const began = Date.now();
  const ready = await nodesReadyFor(wanted, run, settleSeconds, say);
  // Pods first: a node that has never run a pod holds no block of addresses, so no route leads to it.
  say("verify: pods try what must pass and what must be refused");
  const probes = await probe(wanted, ready, run);
  say("verify: reading every node");
  const seen = await settled(wanted, run, settleSeconds - (Date.now() - began) / 1000, say);
  const checks = [...seen.checks, ...probes];
  return {
    schema: 1,
    time: new Date().toISOString(),
    passed: checks.every(({ passed }) => passed),
    remarks: wanted.remarks ?? [],
    nodes: seen.nodes,
    checks,
    warnings: seen.warnings,
  };
}

/**
 * Waits until every node is Ready or the time is over, and gives those that are: a pod on another would keep all probes
 * waiting, and that node has a failed check of its own. Gives all where the API server can't be read.
 */
async function nodesReadyFor(
  wanted: Wanted,
  run: Run,
  seconds: number,
  say: (line: string) => void,
): Promise<readonly WantedNode[]> {
  const deadline = Date.now() + seconds * 1000;
  for (let said = false; ; said = true) {
    const began = Date.now();
    const { nodes } = await readCluster(wanted, run);
    const ready = (name: string) => "value" in nodes && nodes.value.some((node) => node.name === name && node.ready);
    const waiting = wanted.nodes.filter(({ name }) => !ready(name));
    if (waiting.length === 0) return wanted.nodes;
    if (Date.now() >= deadline) return "value" in nodes ? wanted.nodes.filter(({ name }) => ready(name)) : wanted.nodes;
    const why = "value" in nodes ? "to be Ready" : `to be read from the API server (${nodes.unreadable})`;
    if (!said) say(`verify: waiting for ${waiting.map(({ name }) => name).join(", ")} ${why}`);
    await pauseAfter(began);
  }
}

/** Before the next look: as long as the last one took, or a node that is busy would be kept busy by looking at it. */
function pauseAfter(began: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.max(lookAgainMs, Date.now() - began)));
}

/** Repeats all checks but the probes until every one passes or the time is over, and returns the last result. */
export async function settled(wanted: Wanted, run: Run, seconds: number, say: (line: string) => void): Promise<Seen> {
  const deadline = Date.now() + seconds * 1000;
  for (let printed = ""; ; ) {
    const began = Date.now();
    const seen = await look(wanted, run);
    const waiting = seen.checks.filter(({ passed }) => !passed);
    if (waiting.length === 0 || Date.now() >= deadline) return seen;
    const line = `verify: waiting for ${waiting.map(({ node, title, found }) => `${node}: ${title} (${found})`).join("; ")}`;
    if (line !== printed) say(line);
    printed = line;
    await pauseAfter(began);
  }
}

/** One look at everything. */
export interface Seen {
  readonly checks: readonly Check[];
  readonly warnings: readonly Warning[];
  readonly nodes: Report["nodes"];
}

/** Reads and judges every node and the cluster once. Of a node that doesn't answer, that one check says so. */
async function look(wanted: Wanted, run: Run): Promise<Seen> {
  const packets = await textOf("verify/full-packets.py");
  const [cluster, members] = await Promise.all([
    readCluster(wanted, run),
    Promise.all(wanted.nodes.map((node) => readNode(wanted, node, packets, run))),
  ]);
  const offsets = new Map(
    members.map(({ node, observed, asked, answered }) => [node.name, clockOffset(observed.clock, asked, answered)]),
  );
  const judged = members.map((member) => judgedNode(wanted, member, cluster, offsets));
  return {
    checks: [
      ...clusterChecks(wanted, cluster),
      ...(wanted.endpoint ? [endpointHeld(wanted.endpoint, controlPlanesOf(members))] : []),
      ...(wanted.announcedEndpoint
        ? [endpointAnnounced(wanted.announcedEndpoint, controlPlanesOf(members).map(withRouters(wanted)))]
        : []),
      ...(wanted.backup ? [backupFresh(wanted.backup.everyMinutes, controlPlanesOf(members), Date.now() / 1000)] : []),
      ...judged.flatMap(({ checks }) => checks),
    ],
    warnings: [
      ...clusterWarnings(wanted, cluster),
      ...volumeWarnings(cluster),
      ...judged.flatMap(({ warnings }) => warnings),
    ],
    nodes: members.map(({ node, observed }) => reported(node, observed)),
  };
}

/** What one node printed may be anything, and keeps nobody from judging the others. */
function judgedNode(
  wanted: Wanted,
  { node, observed, problem }: ReadNode,
  cluster: ObservedCluster,
  offsets: Parameters<typeof nodeChecks>[4],
): Pick<Seen, "checks" | "warnings"> {
  try {
    return {
      checks: [
        answersBySsh(node, problem),
        ...(problem === "" ? nodeChecks(wanted, node, observed, cluster, offsets) : []),
      ],
      warnings: [
        ...echoWarnings(node, echoTargets(wanted.nodes, node), observed.echoes),
        ...restartWarnings(node, observed),
        ...etcdDiskWarnings(node, observed),
      ],
    };
  } catch (error) {
    return { checks: [answersBySsh(node, `what it printed is not understood: ${error}`)], warnings: [] };
  }
}

function controlPlanesOf(members: readonly ReadNode[]) {
  const controlPlanes = members.filter(({ node }) => node.role === "control-plane");
  return controlPlanes.map(({ node: { name }, observed }) => ({ ...observed, node: name }));
}

/** With the addresses of the routers that a node has sessions with. */
const withRouters =
  ({ bgpPeers }: Wanted) =>
  <T extends { readonly node: string }>(one: T) => ({ ...one, routers: routersOf(one.node, bgpPeers) });

function reported(node: WantedNode, observed: ObservedNode): Report["nodes"][number] {
  const value = <T>(reading: { readonly value: T } | { readonly unreadable: string }, otherwise: T) =>
    "value" in reading ? reading.value : otherwise;
  return {
    name: node.name,
    kernel: value(observed.kernel, ""),
    bootId: value(observed.bootId, ""),
    uptimeSeconds: value(observed.uptimeSeconds, 0),
  };
}
