import { z } from "zod";

/** A value that was measured, or why it could not be. */
const reading = <T extends z.ZodType>(value: T) =>
  z.union([z.strictObject({ value }), z.strictObject({ unreadable: z.string() })]);

/** Percentiles of many values: linear between neighbours. The unit stands in the name of the key that holds it. */
const distribution = z.strictObject({
  count: z.int(),
  least: z.number(),
  p50: z.number(),
  p90: z.number(),
  p99: z.number(),
  most: z.number(),
});

/** Processors of one machine over the run, in percent of all of them. */
const processor = z.strictObject({
  processors: z.int(),
  seconds: z.number(),
  /** Time that the host took away while the machine wanted to run. */
  stealPercent: z.number(),
  /** Idle time with a request to a disk under way. */
  ioWaitPercent: z.number(),
  busyPercent: z.number(),
  /** What neighbours took; null where nobody can tell theirs from the machine's own. */
  othersPercent: z.number().nullable(),
  samples: z.array(
    z.strictObject({
      second: z.number(),
      stealPercent: z.number(),
      ioWaitPercent: z.number(),
      busyPercent: z.number(),
    }),
  ),
});

const sysctl = z.strictObject({
  key: z.string(),
  wanted: z.string(),
  /** Whether a greater value is as good. */
  atLeast: z.boolean(),
  /** Null: the kernel has no such key. */
  effective: z.string().nullable(),
  why: z.string(),
});

const service = z.strictObject({
  /** As in `TCP 10.96.0.1:443`. */
  service: z.string(),
  /** Namespace and name, where the table has them. */
  name: z.string().optional(),
  scheduler: z.string().optional(),
  endpoints: z.array(
    z.strictObject({
      address: z.string(),
      /** Of IPVS active ones; else those in the node's own connection table. */
      connections: z.int(),
    }),
  ),
});

/** What kube-proxy made of Services, as the kernel has it. */
const proxy = z.strictObject({
  mode: z.string(),
  services: z.array(service),
  /** Of IPVS, in seconds. */
  timeouts: z.strictObject({ tcp: z.int(), tcpFin: z.int(), udp: z.int() }).optional(),
});

const conntrack = z.strictObject({
  use: z.int(),
  limit: z.int(),
  /** Since the boot: packets dropped because the table was full or an entry could not be made. */
  dropsSinceBoot: z.int(),
  /** The same during the run. */
  drops: z.int(),
  /** Entries thrown out for new ones during the run. */
  earlyDrops: z.int(),
});

const node = z.strictObject({
  name: z.string(),
  role: z.enum(["control-plane", "worker"]),
  address: z.string(),
  container: z.boolean(),
  nic: reading(z.strictObject({ name: z.string(), mtu: z.int() })),
  /** MTU that the next pod gets. */
  podMtu: reading(z.int()),
  /** Those that the pods of this node do not have. */
  links: reading(z.array(z.strictObject({ name: z.string(), mtu: z.int(), kind: z.string() }))),
  bgp: reading(z.array(z.strictObject({ neighbour: z.string(), state: z.string() }))),
  /** Those that BIRD learned; `kind` is of the device, such as ether or ipip. */
  routes: reading(z.array(z.strictObject({ to: z.string(), via: z.string(), device: z.string(), kind: z.string() }))),
  proxy: reading(proxy),
  sysctls: reading(z.array(sysctl)),
  conntrack: reading(conntrack),
  processor: reading(processor),
});

/** A histogram of etcd's: `upToMilliseconds` null is the last bucket, without an end. */
const latency = z.strictObject({
  count: z.int(),
  p50Milliseconds: z.number(),
  p99Milliseconds: z.number(),
  buckets: z.array(z.strictObject({ upToMilliseconds: z.number().nullable(), count: z.int() })),
});

const etcd = z.strictObject({
  node: z.string(),
  /** fio with fdatasync on the disk, before the machine became a member of etcd; null: nobody measured then. */
  beforeStart: reading(
    z
      .strictObject({
        writes: z.int(),
        p50Milliseconds: z.number(),
        p99Milliseconds: z.number(),
        limitMilliseconds: z.number(),
      })
      .nullable(),
  ),
  /** During the run; null: fewer than twenty writes. */
  walFsync: reading(latency.nullable()),
  backendCommit: reading(latency.nullable()),
  walFsyncSinceStart: reading(latency),
  backendCommitSinceStart: reading(latency),
});

/** Between the nodes' own addresses, or between pods of theirs. */
const leg = z.strictObject({
  roundTripMicroseconds: distribution,
  throughputMbits: distribution,
  /** Segments and retransmits of small messages, one at a time: congestion loses none of these. */
  segments: z.int(),
  retransmits: z.int(),
  /** Of the throughput legs: a full queue loses some. */
  bulkSegments: z.int(),
  bulkRetransmits: z.int(),
});

const path = z.strictObject({
  from: z.string(),
  to: z.string(),
  host: reading(leg),
  pod: reading(leg),
  /** One for each turn host, pod, pod, host, pod over host: medians of the round trips, means of the throughput. */
  rounds: z.array(z.strictObject({ roundTripRatio: z.number(), throughputRatio: z.number() })),
  /** Largest packet that gets there and back in one piece, in bytes; 0: no echo is answered. */
  mtu: reading(z.int()),
});

const dns = z.strictObject({
  /** The node whose pod asked. */
  node: z.string(),
  server: z.string(),
  asked: z.int(),
  answered: z.int(),
  answerMicroseconds: distribution.nullable(),
});

const landmark = z.strictObject({
  node: z.string(),
  name: z.string(),
  address: z.string(),
  /** The shortest of several connections. */
  roundTripMicroseconds: reading(z.number()),
  /** No fibre between the two is longer. */
  atMostKilometres: z.number().nullable(),
});

/** Everything that was measured, before anybody judges it. */
export const measured = z.strictObject({
  /** What was wanted and is needed to judge. */
  wanted: z.strictObject({ mtu: z.int(), stealPercent: z.number(), conntrackEntries: z.int().nullable() }),
  nodes: z.array(node),
  hypervisors: z.array(z.strictObject({ name: z.string(), processor: reading(processor) })),
  etcd: z.array(etcd),
  paths: z.array(path),
  /** How many pairs of nodes there are. */
  pairs: z.int(),
  /** Why pods were not measured; empty where they were. */
  problem: z.string(),
  dns: z.array(dns),
  landmarks: z.array(landmark),
});

export type Measured = z.infer<typeof measured>;
export type MeasuredNode = z.infer<typeof node>;
export type MeasuredPath = z.infer<typeof path>;
export type Leg = z.infer<typeof leg>;
export type Distribution = z.infer<typeof distribution>;
export type Processor = z.infer<typeof processor>;
export type Latency = z.infer<typeof latency>;
export type ProxyTable = z.infer<typeof proxy>;
export type Conntrack = z.infer<typeof conntrack>;
