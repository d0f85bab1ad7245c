import type { Distribution, Latency, Measured, MeasuredNode, MeasuredPath, Processor } from "./measured";
import { mean } from "./statistics";

/** One number of the report: what people read, and the gauge of Prometheus that it is. */
export interface Figure {
  /** In Prometheus' base units: seconds, bytes, ratios. */
  readonly metric: string;
  readonly help: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
  /** For people: `unit` is `scale` times the base unit. */
  readonly unit: string;
  readonly scale: number;
}

type Reading<T> = { readonly value: T } | { readonly unreadable: string };
type Kind = Pick<Figure, "metric" | "help" | "unit" | "scale">;

const kind = (metric: string, help: string, unit: string, scale = 1): Kind => ({
  ...{ metric: `kjerne_report_${metric}`, help, unit, scale },
});

const kinds = {
  steal: kind("cpu_steal_ratio", "CPU time that the host took away over the run", "%", 100),
  ioWait: kind("cpu_io_wait_ratio", "Idle CPU time with a disk request under way over the run", "%", 100),
  busy: kind("cpu_busy_ratio", "CPU time in use over the run", "%", 100),
  others: kind("cpu_others_ratio", "CPU time of a host that others than its nodes use", "%", 100),
  use: kind("conntrack_entries", "Entries of the connection table", "entries"),
  limit: kind("conntrack_entries_limit", "Most entries that the connection table takes", "entries"),
  drops: kind("conntrack_drops", "Packets dropped during the run because of the connection table", "packets"),
  sessions: kind("bgp_sessions_down", "BGP sessions that are not Established", "sessions"),
  routes: kind("bgp_routes", "Routes that BGP taught the node", "routes"),
  services: kind("proxy_services", "Ports of Services in kube-proxy's table", "ports"),
  connections: kind("proxy_connections", "Connections through Services", "connections"),
  disk: kind(
    "etcd_disk_before_start_seconds",
    "fdatasync on etcd's disk before the node's etcd began, by fio",
    "ms",
    1000,
  ),
  fsync: kind("etcd_wal_fsync_seconds", "etcd's WAL fsync, in the run where it had enough writes", "ms", 1000),
  commit: kind(
    "etcd_backend_commit_seconds",
    "etcd's backend commit, in the run where it had enough writes",
    "ms",
    1000,
  ),
  roundTrip: kind("path_round_trip_seconds", "Round trip of a small TCP message", "µs", 1e6),
  throughput: kind("path_throughput_bytes_per_second", "TCP throughput of one flow, median", "Mbit/s", 8e-6),
  lost: kind("path_retransmit_ratio", "Small messages that were sent again", "%", 100),
  roundTripRatio: kind("path_round_trip_pod_over_host_ratio", "Round trip between pods over that between nodes", "×"),
  throughputRatio: kind("path_throughput_pod_over_host_ratio", "Throughput between pods over that between nodes", "×"),
  mtu: kind("path_mtu_bytes", "Largest packet that gets there and back in one piece", "bytes"),
  dns: kind("dns_answer_seconds", "Time until CoreDNS answers a pod", "ms", 1000),
  unanswered: kind("dns_unanswered_ratio", "Questions that CoreDNS did not answer within a second", "%", 100),
  landmark: kind("landmark_round_trip_seconds", "Shortest round trip to a landmark", "ms", 1000),
};

/** What was measured, or that part of it which somebody asked for. */
type Part = Partial<Pick<Measured, "hypervisors" | "etcd" | "paths" | "dns" | "landmarks">> & {
  readonly nodes: readonly NodePart[];
};
type NodePart = Pick<MeasuredNode, "name" | "processor" | "conntrack" | "proxy"> &
  Partial<Pick<MeasuredNode, "bgp" | "routes">>;

/** Every number of the report that can be compared with another run's. What could not be measured is left out. */
export function figures(measured: Part): Figure[] {
  const { nodes, hypervisors = [], etcd = [], paths = [], dns = [], landmarks = [] } = measured;
  return [
    ...nodes.flatMap(ofNode),
    ...hypervisors.flatMap(({ name, processor }) => of(processor, (one) => ofProcessor({ hypervisor: name }, one))),
    ...etcd.flatMap(({ node, beforeStart, walFsync, walFsyncSinceStart, backendCommit, backendCommitSinceStart }) => [
      ...of(beforeStart, (before) => (before ? ofLatency(kinds.disk, node, before) : [])),
      ...of(walFsync, (run) =>
        run ? ofLatency(kinds.fsync, node, run) : of(walFsyncSinceStart, (all) => ofLatency(kinds.fsync, node, all)),
      ),
      ...of(backendCommit, (run) =>
        run
          ? ofLatency(kinds.commit, node, run)
          : of(backendCommitSinceStart, (all) => ofLatency(kinds.commit, node, all)),
      ),
    ]),
    ...paths.flatMap(ofPath),
    ...dns.flatMap(({ node, server, asked, answered, answerMicroseconds }) => [
      figure(kinds.unanswered, { node, server }, asked > 0 ? 1 - answered / asked : 1),
      ...(answerMicroseconds ? quantiles(kinds.dns, { node, server }, answerMicroseconds) : []),
    ]),
    ...landmarks.flatMap(({ node, name, roundTripMicroseconds }) =>
      of(roundTripMicroseconds, (microseconds) => [
        figure(kinds.landmark, { node, landmark: name }, microseconds / 1e6),
      ]),
    ),
  ];
}

function ofNode({ name: node, processor, conntrack, bgp, routes, proxy }: NodePart): Figure[] {
  return [
    ...of(processor, (one) => ofProcessor({ node }, one)),
    ...of(conntrack, ({ use, limit, drops }) => [
      figure(kinds.use, { node }, use),
      figure(kinds.limit, { node }, limit),
      figure(kinds.drops, { node }, drops),
    ]),
    ...of(bgp, (sessions) => [
      figure(kinds.sessions, { node }, sessions.filter(({ state }) => state !== "Established").length),
    ]),
    ...of(routes, ({ length }) => [figure(kinds.routes, { node }, length)]),
    ...of(proxy, ({ services, mode }) => [
      figure(kinds.services, { node, mode }, services.length),
      figure(
        kinds.connections,
        { node, mode },
        services.flatMap(({ endpoints }) => endpoints).reduce((sum, { connections }) => sum + connections, 0),
      ),
    ]),
  ];
}

function ofProcessor(labels: Figure["labels"], processor: Processor): Figure[] {
  const { stealPercent, ioWaitPercent, busyPercent, othersPercent } = processor;
  return [
    figure(kinds.steal, labels, stealPercent / 100),
    figure(kinds.ioWait, labels, ioWaitPercent / 100),
    figure(kinds.busy, labels, busyPercent / 100),
    ...(othersPercent === null ? [] : [figure(kinds.others, labels, othersPercent / 100)]),
  ];
}

function ofLatency(kind: Kind, node: string, latency: Pick<Latency, "p50Milliseconds" | "p99Milliseconds">): Figure[] {
  return [
    figure(kind, { node, quantile: "0.5" }, latency.p50Milliseconds / 1000),
    figure(kind, { node, quantile: "0.99" }, latency.p99Milliseconds / 1000),
  ];
}

function ofPath({ from, to, rounds, mtu, ...legs }: MeasuredPath): Figure[] {
  return [
    ...(["host", "pod"] as const).flatMap((network) =>
      of(legs[network], ({ roundTripMicroseconds, throughputMbits, segments, retransmits }) => [
        ...quantiles(kinds.roundTrip, { from, to, network }, roundTripMicroseconds),
        figure(kinds.throughput, { from, to, network }, throughputMbits.p50 * 125_000),
        figure(kinds.lost, { from, to, network }, retransmits / segments),
      ]),
    ),
    ...(rounds.length > 0
      ? [
          figure(kinds.roundTripRatio, { from, to }, mean(rounds.map(({ roundTripRatio }) => roundTripRatio))),
          figure(kinds.throughputRatio, { from, to }, mean(rounds.map(({ throughputRatio }) => throughputRatio))),
        ]
      : []),
    ...of(mtu, (bytes) => (bytes > 0 ? [figure(kinds.mtu, { from, to }, bytes)] : [])),
  ];
}

function quantiles(kind: Kind, labels: Figure["labels"], { p50, p99 }: Distribution): Figure[] {
  return [
    figure(kind, { ...labels, quantile: "0.5" }, p50 / 1e6),
    figure(kind, { ...labels, quantile: "0.99" }, p99 / 1e6),
  ];
}

function figure(kind: Kind, labels: Figure["labels"], value: number): Figure {
  return { ...kind, labels, value };
}

function of<T>(reading: Reading<T> | undefined, give: (value: T) => Figure[]): Figure[] {
  return reading && "value" in reading ? give(reading.value) : [];
}
