import type { Leg, Measured, MeasuredPath, Processor } from "./measured";
import type { Finding, Report } from "./schema";
import { median } from "./statistics";

type Reading<T> = { readonly value: T } | { readonly unreadable: string };

/** The report for a terminal: what is the bottleneck first, then the numbers, then what changed. */
export function summary(report: Report): string {
  const { measured, bottleneck, stack, time, seconds } = report;
  return [
    `Report of stack ${stack}, ${time}, measured in ${Math.round(seconds)} s`,
    "",
    "What is the bottleneck?",
    ...answers(bottleneck),
    "",
    ...block("Paths", pathRows(measured)),
    ...block("Machines", machineRows(measured)),
    ...block("etcd", etcdRows(measured)),
    ...block("DNS", dnsRows(measured)),
    ...block("Landmarks", landmarkRows(measured)),
    ...(measured.problem ? [`Pods were not measured: ${measured.problem}`, ""] : []),
    ...changes(report),
    ...report.remarks.map((remark) => `Note: ${remark}`),
  ]
    .join("\n")
    .trimEnd();
}

function answers({ named, consequences, unanswered }: Report["bottleneck"]): string[] {
  const found = (finding: Finding) => finding.evidence.map(({ where, found }) => `      ${where}: ${found}`);
  return [
    ...(named.length === 0 ? ["  None found."] : []),
    ...named.flatMap((one) => [`  ${one.title}`, ...found(one), `      next: ${one.next}`]),
    ...consequences.flatMap((one) => [`  A consequence of ${one.explainedBy.join(", ")}: ${one.title}`, ...found(one)]),
    ...unanswered.map(({ title, reason }) => `  Not answered: ${title}? ${reason}`),
  ];
}

function pathRows({ paths }: Measured): string[][] {
  return [
    ["", "network", "round trip p50", "p99", "throughput", "sent again", "MTU"],
    ...paths.flatMap((path) => (["host", "pod"] as const).map((network) => pathRow(path, network))),
    ...paths.flatMap(({ from, to, rounds }) =>
      rounds.length === 0
        ? []
        : [
            [
              ...[`${from} to ${to}`, "pod / host", ratio(rounds.map(({ roundTripRatio }) => roundTripRatio)), ""],
              ...[ratio(rounds.map(({ throughputRatio }) => throughputRatio)), "", ""],
            ],
          ],
    ),
  ];
}

function pathRow({ from, to, mtu, ...path }: MeasuredPath, network: "host" | "pod"): string[] {
  const leg: Reading<Leg> = path[network];
  if ("unreadable" in leg) return [`${from} to ${to}`, network, `not measured: ${leg.unreadable}`, "", "", "", ""];
  const { roundTripMicroseconds, throughputMbits, segments, retransmits } = leg.value;
  return [
    ...[`${from} to ${to}`, network, `${roundTripMicroseconds.p50.toFixed(0)} µs`],
    ...[`${roundTripMicroseconds.p99.toFixed(0)} µs`, `${throughputMbits.p50.toFixed(0)} Mbit/s`],
    ...[`${retransmits} of ${segments}`, network === "host" && "value" in mtu ? String(mtu.value || "no echo") : ""],
  ];
}

function ratio(values: readonly number[]): string {
  return `${median(values).toFixed(2)} (${Math.min(...values).toFixed(2)} to ${Math.max(...values).toFixed(2)})`;
}

function machineRows({ nodes, hypervisors }: Measured): string[][] {
  return [
    ["", "steal", "I/O wait", "busy", "others", "conntrack"],
    ...nodes.map(({ name, processor, conntrack }) => [
      ...processorRow(name, processor),
      "value" in conntrack ? `${conntrack.value.use} of ${conntrack.value.limit}` : "",
    ]),
    ...hypervisors.map(({ name, processor }) => processorRow(name, processor)),
  ];
}

function processorRow(name: string, processor: Reading<Processor>): string[] {
  if ("unreadable" in processor) return [name, `not measured: ${processor.unreadable}`, "", "", ""];
  const { stealPercent, ioWaitPercent, busyPercent, othersPercent } = processor.value;
  const percents = [stealPercent, ioWaitPercent, busyPercent, othersPercent];
  return [name, ...percents.map((value) => (value === null ? "" : `${value.toFixed(1)} %`))];
}

function etcdRows({ etcd }: Measured): string[][] {
  const row = (node: string, what: string, latency: Measured["etcd"][number]["walFsync"]) => {
    if ("unreadable" in latency) return [node, what, `not measured: ${latency.unreadable}`, "", ""];
    if (!latency.value) return [node, what, "too few", "", ""];
    const { count, p50Milliseconds, p99Milliseconds } = latency.value;
    return [node, what, `${count}`, `${p50Milliseconds.toFixed(2)} ms`, `${p99Milliseconds.toFixed(2)} ms`];
  };
  const beforeStart = ({ node, beforeStart: before }: Measured["etcd"][number]) =>
    "value" in before && before.value
      ? [row(node, "fio, before it started", { value: { ...before.value, count: before.value.writes, buckets: [] } })]
      : [];
  return [
    ["", "", "times", "p50", "p99"],
    ...etcd.flatMap((one) => [
      ...beforeStart(one),
      row(one.node, "WAL fsync, in the run", one.walFsync),
      row(one.node, "WAL fsync, since start", one.walFsyncSinceStart),
      row(one.node, "backend commit, in the run", one.backendCommit),
      row(one.node, "backend commit, since start", one.backendCommitSinceStart),
    ]),
  ];
}

function dnsRows({ dns }: Measured): string[][] {
  return [
    ["from", "server", "answered", "p50", "p99"],
    ...dns.map(({ node, server, asked, answered, answerMicroseconds: took }) => [
      ...[node, server, `${answered} of ${asked}`],
      ...(took ? [`${(took.p50 / 1000).toFixed(2)} ms`, `${(took.p99 / 1000).toFixed(2)} ms`] : ["", ""]),
    ]),
  ];
}

function landmarkRows({ landmarks }: Measured): string[][] {
  return [
    ["from", "landmark", "round trip", "distance"],
    ...landmarks.map(({ node, name, roundTripMicroseconds: took, atMostKilometres }) => [
      ...[node, name, "value" in took ? `${(took.value / 1000).toFixed(2)} ms` : took.unreadable],
      atMostKilometres === null ? "" : `at most ${atMostKilometres} km of fibre`,
    ]),
  ];
}

function changes({ difference }: Report): string[] {
  if (!difference) return [];
  const { since, begun, ended, changes } = difference;
  return [
    `Since the report of ${since}`,
    ...begun.map((title) => `  new: ${title}`),
    ...ended.map((title) => `  gone: ${title}`),
    ...(changes.length === 0 ? ["  no number moved by a fifth"] : []),
    ...changes.map(({ what, where, unit, before, now }) => `  ${where}: ${what}: ${before} → ${now} ${unit}`),
    "",
  ];
}

/** Rows under a heading; nothing where there is only the head. */
function block(title: string, [head, ...rows]: readonly (readonly string[])[]): string[] {
  if (!head || rows.length === 0) return [];
  const all = [[title, ...head.slice(1)].map((cell) => cell), ...rows];
  // A cell that says why something is missing may be long: it does not widen its column.
  const widths = head.map((_, column) =>
    Math.max(...all.map((row) => (row[column]?.startsWith("not measured") ? 0 : (row[column]?.length ?? 0)))),
  );
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd();
  return [...all.map(line), ""];
}
