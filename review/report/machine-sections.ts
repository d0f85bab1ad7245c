import type { Latency, Measured } from "../../components/measure/measured";
import { type Html, html } from "../pages/html";
import { latencies, processors } from "./charts";
import { figure, said, section, table } from "./parts";

export function machineSections(measured: Measured): readonly Html[] {
  return [processorsSection(measured), etcdSection(measured), conntrackSection(measured)];
}

function processorsSection(measured: Measured): Html {
  const machines = [...measured.nodes, ...measured.hypervisors];
  const percent = (value: number | null) => (value === null ? "" : `${value.toFixed(1)} %`);
  return section(
    "processors",
    "Processors over the run",
    machines.some(({ processor }) => "value" in processor)
      ? figure(processors(measured), "Grey: busy. Red: stolen by the host for others. Orange: idle while a disk works.")
      : undefined,
    table(
      `Means over the run; steal of a node: at most ${measured.wanted.stealPercent} % wanted`,
      ["Machine", "Processors", "Busy", "Steal", "I/O wait", "Others on the host"],
      machines.map(({ name, processor }) => {
        if ("unreadable" in processor) return [name, said(processor, () => ""), "", "", "", ""];
        const { processors, busyPercent, stealPercent, ioWaitPercent, othersPercent } = processor.value;
        return [name, processors, ...[busyPercent, stealPercent, ioWaitPercent, othersPercent].map(percent)];
      }),
      [1, 2, 3, 4, 5],
    ),
  );
}

/** https://etcd.io/docs/v3.5/op-guide/hardware/ */
const fsyncMilliseconds = 10;

function etcdSection({ etcd }: Measured): Html {
  const row = (node: string, what: string, reading: (typeof etcd)[number]["walFsync"]) => [
    node,
    what,
    ...("value" in reading && reading.value
      ? [reading.value.count, ...ends(reading.value)]
      : [said(reading, () => "too few in the run"), "", ""]),
  ];
  const beforeStart = ({ node, beforeStart: before }: (typeof etcd)[number]) => [
    node,
    "fio with fdatasync, before it started",
    ...("value" in before && before.value
      ? [before.value.writes, ...ends(before.value)]
      : [said(before, () => "nobody measured then"), "", ""]),
  ];
  return section(
    "etcd",
    "etcd's disk",
    html`<p>etcd answers a write when it is on the disk. Its makers want 99 of 100 WAL fsyncs within ${fsyncMilliseconds} ms.</p>`,
    ...etcd.map(({ node, walFsync, walFsyncSinceStart }) => {
      const run = "value" in walFsync ? walFsync.value : null;
      const shown = run ?? ("value" in walFsyncSinceStart ? walFsyncSinceStart.value : undefined);
      const when = run ? "during the run" : "since its start";
      return shown
        ? figure(
            latencies(`WAL fsync of etcd on ${node}`, shown, fsyncMilliseconds),
            `WAL fsync of etcd on ${node} ${when}. Red: longer than ${fsyncMilliseconds} ms.`,
          )
        : undefined;
    }),
    table(
      "fio before etcd started, and etcd's own histograms",
      ["Node", "What", "Times", "Median", "p99"],
      etcd.flatMap((one) => [
        beforeStart(one),
        row(one.node, "WAL fsync, in the run", one.walFsync),
        row(one.node, "WAL fsync, since start", one.walFsyncSinceStart),
        row(one.node, "backend commit, in the run", one.backendCommit),
        row(one.node, "backend commit, since start", one.backendCommitSinceStart),
      ]),
      [2, 3, 4],
    ),
  );
}

function ends({ p50Milliseconds, p99Milliseconds }: Pick<Latency, "p50Milliseconds" | "p99Milliseconds">): string[] {
  return [p50Milliseconds, p99Milliseconds].map((value) => `${value.toFixed(2)} ms`);
}

function conntrackSection({ nodes, wanted }: Measured): Html {
  const least = wanted.conntrackEntries === null ? "" : `; at least ${wanted.conntrackEntries} entries are wanted`;
  return section(
    "connections",
    "Connection tables",
    table(
      `The kernel's table of connections${least}`,
      ["Node", "In use", "Limit", "In use", "Drops in the run", "Thrown out early in the run", "Drops since boot"],
      nodes.map(({ name, conntrack }) => {
        if ("unreadable" in conntrack) return [name, said(conntrack, () => ""), "", "", "", "", ""];
        const { use, limit, drops, earlyDrops, dropsSinceBoot } = conntrack.value;
        return [name, use, limit, `${((100 * use) / limit).toFixed(1)} %`, drops, earlyDrops, dropsSinceBoot];
      }),
      [1, 2, 3, 4, 5, 6],
    ),
  );
}

/** Kernel settings, the same on several nodes in one row. */
export function settingsSection({ nodes }: Measured): Html {
  const all = nodes.flatMap(({ name, sysctls }) =>
    "value" in sysctls ? sysctls.value.map((one) => ({ node: name, ...one })) : [],
  );
  const unread = nodes.flatMap(({ name, sysctls }) =>
    "unreadable" in sysctls ? [`${name}: ${sysctls.unreadable}`] : [],
  );
  const groups = new Map<string, typeof all>();
  for (const one of all) {
    const key = JSON.stringify([one.key, one.effective]);
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  return section(
    "settings",
    "Kernel settings",
    unread.length > 0 ? html`<p class="unverifiable">Not read: ${unread.join("; ")}</p>` : undefined,
    table(
      "Wanted and effective, each with its why",
      ["Setting", "Wanted", "Effective", "Nodes", "Why"],
      [...groups.values()].flatMap(([first, ...others]) => {
        if (!first) return [];
        const { key, wanted, atLeast, effective, why } = first;
        const value = effective ?? "the kernel has no such key";
        return [
          [
            html`<code>${key}</code>`,
            atLeast ? `at least ${wanted}` : wanted,
            isAsWanted(first) ? value : html`<span class="state violated">${value}</span>`,
            [first, ...others].map(({ node }) => node).join(", "),
            why,
          ],
        ];
      }),
    ),
  );
}

function isAsWanted({
  wanted,
  effective,
  atLeast,
}: {
  wanted: string;
  effective: string | null;
  atLeast: boolean;
}): boolean {
  if (effective === null) return false;
  return atLeast ? Number(effective) >= Number(wanted) : effective === wanted;
}
