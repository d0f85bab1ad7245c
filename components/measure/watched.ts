import { type Ask, both, type Reading, read } from "../verify/answers";
import { type Histogram, histogramIn, latency, observations, since } from "./histogram";
import type { Conntrack, Measured, Processor, ProxyTable } from "./measured";
import { connectionsIn, iptablesServices, ipvsServices, ipvsTimeouts, nftServices } from "./proxy-table";
import { rounded } from "./statistics";

/** What `watch.sh` saw of one machine's processors. */
export interface WatchedProcessor {
  readonly processor: Processor;
  /** Machines with the same one are containers of one host. */
  readonly bootTime: string;
  /** Of all processors during the run, in seconds: of the whole machine, and of those asked about; null: nobody was. */
  readonly busySeconds: number;
  readonly ownSeconds: number | null;
}

/** proc_stat(5), in hundredths of a second on every Linux that kjerne runs on: user, nice, system, idle, iowait, irq, softirq, steal. */
const ticksPerSecond = 100;

export function watchedProcessor(ask: Ask): Reading<WatchedProcessor> {
  const samples = read(ask("processor"), (text) => text.trim().split("\n").map(sample));
  const count = read(ask("processors"), Number);
  const bootTime = read(ask("bootTime"), (text) => text.trim());
  return both(both(samples, count, pair), bootTime, ([all, processors], boot) => overRun(all, processors, boot));
}

interface Sample {
  readonly second: number;
  readonly ticks: readonly number[];
  readonly own: number;
}

function sample(line: string): Sample {
  const fields = line.trim().split(" ").map(Number);
  if (fields.length !== 10 || fields.some(Number.isNaN)) throw new Error(line);
  return { second: fields[0] as number, ticks: fields.slice(1, 9), own: fields[9] as number };
}

function overRun(samples: readonly Sample[], processors: number, bootTime: string): WatchedProcessor {
  const [first, last] = [samples[0], samples.at(-1)];
  if (!first || !last || first === last) throw new Error("less than two samples");
  const { seconds, ...percents } = spent(first, last);
  return {
    processor: {
      processors,
      seconds: rounded(seconds),
      ...percents,
      othersPercent: null,
      samples: samples.slice(1).map((one, at) => {
        const { seconds: _, ...part } = spent(samples[at] as Sample, one);
        return { second: rounded(one.second), ...part };
      }),
    },
    bootTime,
    busySeconds: ((percents.busyPercent / 100) * ticksIn(first, last)) / ticksPerSecond,
    ownSeconds: first.own < 0 ? null : last.own - first.own,
  };
}

function ticksIn(from: Sample, to: Sample): number {
  return to.ticks.reduce((total, ticks, field) => total + ticks - (from.ticks[field] ?? 0), 0);
}

function spent(from: Sample, to: Sample) {
  const all = ticksIn(from, to);
  const percent = (...fields: readonly number[]) =>
    all > 0
      ? rounded((100 * fields.reduce((total, at) => total + (to.ticks[at] ?? 0) - (from.ticks[at] ?? 0), 0)) / all)
      : 0;
  return {
    seconds: to.second - from.second,
    stealPercent: percent(7),
    ioWaitPercent: percent(4),
    busyPercent: percent(0, 1, 2, 5, 6),
  };
}

/**
 * Tells what neighbours took: of a hypervisor all but its virtual machines, of containers all but those of the same host.
 */
export function withOthers(all: readonly Reading<WatchedProcessor>[]): Reading<Processor>[] {
  const known = all.flatMap((one) => ("value" in one && one.value.ownSeconds !== null ? [one.value] : []));
  return all.map((one) => {
    if ("unreadable" in one) return one;
    const { processor, bootTime, busySeconds, ownSeconds } = one.value;
    if (ownSeconds === null) return { value: processor };
    const own = known
      .filter((other) => other.bootTime === bootTime)
      .reduce((sum, other) => sum + (other.ownSeconds ?? 0), 0);
    const whole = processor.processors * processor.seconds;
    return { value: { ...processor, othersPercent: rounded(Math.max(0, (100 * (busySeconds - own)) / whole)) } };
  });
}

/** Counters of every processor, hexadecimal, under a line of names. https://docs.kernel.org/networking/nf_conntrack-sysctl.html */
function conntrackCounters(text: string): Readonly<Record<string, number>> {
  const [names = [], ...rows] = text
    .trim()
    .split("\n")
    .map((line) => line.trim().split(/\s+/));
  return Object.fromEntries(
    names.map((name, at) => [name, rows.reduce((sum, row) => sum + Number.parseInt(row[at] ?? "0", 16), 0)]),
  );
}

export function watchedConntrack(ask: Ask): Reading<Conntrack> {
  const counters = both(
    read(ask("conntrackBefore"), conntrackCounters),
    read(ask("conntrackAfter"), conntrackCounters),
    pair,
  );
  const use = read(ask("conntrackUse"), (text) => {
    const [use = Number.NaN, limit = Number.NaN] = text.trim().split("\n").map(Number);
    if (Number.isNaN(use) || Number.isNaN(limit)) throw new Error(text);
    return { use, limit };
  });
  return both(counters, use, ([before, after], { use, limit }) => {
    // A full table counts in `drop`; an entry that two processors made at once in `insert_failed`, which is harmless.
    const of = (counters: Readonly<Record<string, number>>, name: string) => counters[name] ?? 0;
    return {
      use,
      limit,
      dropsSinceBoot: of(after, "drop"),
      drops: of(after, "drop") - of(before, "drop"),
      earlyDrops: of(after, "early_drop") - of(before, "early_drop"),
    };
  });
}

/** Fewer observations say nothing, not even by their median. */
const enoughWrites = 20;

export function watchedEtcd(node: string, ask: Ask): Measured["etcd"][number] {
  const of = (name: string) => {
    const [before, after] = ["etcdBefore", "etcdAfter"].map((when) =>
      read(ask(when), (text) => histogramIn(text, name)),
    );
    return { before: before as Reading<Histogram>, after: after as Reading<Histogram> };
  };
  const [wal, backend] = [of("etcd_disk_wal_fsync_duration_seconds"), of("etcd_disk_backend_commit_duration_seconds")];
  const wrote = read(ask("writes"), () => true);
  const duringRun = ({ before, after }: typeof wal) =>
    both(
      both(before, wrote, (one) => one),
      after,
      (one, other) => {
        const seen = since(one, other);
        return observations(seen) < enoughWrites ? null : latency(seen);
      },
    );
  return {
    node,
    beforeStart: read(ask("etcdDisk"), (text) => JSON.parse(text)),
    walFsync: duringRun(wal),
    backendCommit: duringRun(backend),
    walFsyncSinceStart: both(wal.after, { value: 0 }, latency),
    backendCommitSinceStart: both(backend.after, { value: 0 }, latency),
  };
}

export function watchedProxy(mode: Reading<string>, ask: Ask): Reading<ProxyTable> {
  if ("unreadable" in mode) return mode;
  if (mode.value === "ipvs") {
    return both(read(ask("ipvs"), ipvsServices), read(ask("ipvsTimeouts"), ipvsTimeouts), (services, timeouts) => ({
      mode: mode.value,
      services,
      timeouts,
    }));
  }
  const connections = read(ask("connections"), connectionsIn);
  const table = { nftables: nftServices, iptables: iptablesServices }[mode.value];
  if (!table) return { unreadable: `kube-proxy runs in mode ${mode.value}, whose table nobody reads here` };
  return both(
    read(ask(mode.value), (text) => text),
    connections,
    (text, counts) => ({
      mode: mode.value,
      services: table(text, counts),
    }),
  );
}

function pair<A, B>(a: A, b: B): readonly [A, B] {
  return [a, b];
}
