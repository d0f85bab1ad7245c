import type { Reading } from "../verify/answers";
import type { Latency, Measured } from "./measured";
import { each, type Rule, type Seen, together } from "./rule";

/** Of the table's entries; the kernel begins to throw out and to drop when it is full. */
const usePercent = 80;
/** Seconds that a closed connection keeps its entry: nf_conntrack_tcp_timeout_time_wait. */
const timeWaitSeconds = 120;

export const conntrackLimit: Rule = {
  id: "conntrack-limit",
  title: "The table of connections is too small",
  reads: "entries, limit and drops of each node's connection table, against the limit of the settings",
  limit: `${usePercent} % in use; a drop during the run; fewer entries than nf_conntrack_max of the profile`,
  source:
    "https://docs.kernel.org/networking/nf_conntrack-sysctl.html: a full table drops the first packet of new connections",
  strength: "strong",
  cannotTell: "Who opens the connections: conntrack -L on the node shows them.",
  next: "sysctl net.netfilter.nf_conntrack_max; cat /proc/net/stat/nf_conntrack; systemctl restart kjerne-sysctl-floors",
  look: ({ nodes, wanted }) =>
    each(
      nodes,
      ({ name }) => name,
      ({ conntrack }) => conntrack,
      ({ use, limit, drops }) => {
        const least = wanted.conntrackEntries ?? 0;
        const found = [
          ...(100 * use > limit * usePercent ? [`${use} of ${limit} entries are in use`] : []),
          ...(drops > 0 ? [`${drops} packets were dropped during the run`] : []),
          ...(limit < least
            ? [
                `${limit} entries where ${least} are wanted: ${Math.floor(limit / timeWaitSeconds)} new TCP connections a second fill it`,
              ]
            : []),
        ];
        return found.length > 0 ? { found: found.join("; ") } : undefined;
      },
    ),
};

/** A p99 of fewer observations says nothing: at 100 it is the one that took longest. */
const enoughForP99 = 100;
/** Of 200 writes, where one of a hundred is late: seven late ones are no chance any more (binomial, 0.5 %). */
const fewestLate = 7;
const fsyncMilliseconds = 10;
const commitMilliseconds = 25;

export const etcdDisk: Rule = {
  id: "etcd-disk",
  title: "etcd's disk is slow",
  reads: "etcd's own histograms of WAL fsync and backend commit while it wrote and nothing else was measured",
  limit: `p99 of WAL fsync ${fsyncMilliseconds} ms, of backend commit ${commitMilliseconds} ms; at least ${fewestLate} that took longer; their median where there are fewer than ${enoughForP99}`,
  source: "https://etcd.io/docs/v3.5/op-guide/hardware/ and https://etcd.io/docs/v3.4/faq/",
  strength: "strong",
  cannotTell: "Whether the device is slow, or others write to it, or a limit holds it back.",
  next: "iostat -x 1 on the control plane and its hypervisor; what else lies on that disk; io limits of its cgroup",
  // A process that waits for a processor ends its fsync late; then only the median speaks of the disk.
  consequenceOf: ["cpu-taken"],
  look: ({ etcd }) =>
    together(
      histograms(etcd, "WAL fsync", fsyncMilliseconds, ({ walFsync }) => enough(walFsync)),
      // It writes to the disk ten times a second at most, so a run has few of these.
      histograms(etcd, "backend commit", commitMilliseconds, ({ backendCommit }) => backendCommit),
    ),
};

function enough(run: Reading<Latency | null>): Reading<Latency | null> {
  return "value" in run && run.value === null ? { unreadable: "etcd wrote too little during the run" } : run;
}

function histograms(
  etcd: Measured["etcd"],
  name: string,
  limit: number,
  reading: (one: Measured["etcd"][number]) => Reading<Latency | null>,
): Seen {
  return each(
    etcd,
    ({ node }) => node,
    reading,
    (latency) =>
      latency && isSlow(latency, limit)
        ? {
            found: `p99 of ${latency.count} times ${name} is ${latency.p99Milliseconds.toFixed(1)} ms, p50 ${latency.p50Milliseconds.toFixed(1)} ms`,
            standsAlone: latency.p50Milliseconds > limit,
          }
        : undefined,
  );
}

function isSlow({ count, p50Milliseconds, p99Milliseconds, buckets }: Latency, limit: number): boolean {
  if (count < enoughForP99) return p50Milliseconds > limit;
  const from = (at: number) => buckets[at - 1]?.upToMilliseconds ?? 0;
  const late = buckets.filter((_, at) => from(at) >= limit).reduce((sum, bucket) => sum + bucket.count, 0);
  return p99Milliseconds > limit && late >= fewestLate;
}

const answerMilliseconds = 10;

export const slowDns: Rule = {
  id: "slow-dns",
  title: "DNS answers slowly",
  reads:
    "the time until CoreDNS answers a pod that asks for a name of the cluster, by the Service and by each endpoint",
  limit: `${answerMilliseconds} ms for nine answers of ten; half of the questions answered within a second`,
  source: "kjerne's own: CoreDNS has these names in memory, so a round trip and a fraction of a millisecond are due",
  strength: "moderate",
  cannotTell: "How fast names outside the cluster are: those depend on network.nameservers.",
  next: "kubectl --namespace kube-system top pod, logs and describe of CoreDNS: CPU limits, plugins, restarts",
  consequenceOf: ["cpu-taken", "conntrack-limit"],
  look: ({ dns, problem }) =>
    dns.length === 0
      ? { evidence: [], unreadable: [problem || "no pod asked"] }
      : each(
          dns,
          ({ node, server }) => `${server}, asked from ${node}`,
          (one): Reading<Measured["dns"][number]> => ({ value: one }),
          ({ asked, answered, answerMicroseconds }) => {
            if (answered * 2 < asked) return { found: `${answered} of ${asked} questions were answered` };
            const milliseconds = (answerMicroseconds?.p90 ?? 0) / 1000;
            return milliseconds > answerMilliseconds
              ? { found: `a tenth of ${answered} answers took longer than ${milliseconds.toFixed(1)} ms` }
              : undefined;
          },
        ),
};
