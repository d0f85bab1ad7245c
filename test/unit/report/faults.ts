import type { Measured } from "../../../components/measure/measured";
import { readingOf } from "./recorded";

export const cp1 = (measured: Measured) => measured.nodes[0] as Measured["nodes"][number];
export const path = (measured: Measured) => measured.paths[0] as Measured["paths"][number];
/** Of etcd's writes to its disk so many took longer than 16 ms. */
export const etcd = (
  measured: Measured,
  count: number,
  late: number,
  p50Milliseconds: number,
  p99Milliseconds: number,
) => {
  const buckets = [
    { upToMilliseconds: 16, count: count - late },
    { upToMilliseconds: null, count: late },
  ];
  const walFsync = readingOf(measured.etcd[0]?.walFsync ?? { unreadable: "no etcd" });
  Object.assign(walFsync as object, { count, p50Milliseconds, p99Milliseconds, buckets });
};
/** A tenth of the answers take so long. */
export const dns = (measured: Measured, microseconds: number) => {
  const [p90, p99, most] = [microseconds, microseconds, microseconds];
  const answers = { count: 200, least: 90, p50: 300, p90, p99, most };
  measured.dns.push({ node: "cp1", server: "10.96.0.10", asked: 200, answered: 200, answerMicroseconds: answers });
};

/** Fault → the rule that has to name it, a number that the answer has to give, and what the fault changes. */
export const faults: readonly (readonly [string, string, RegExp, (measured: Measured) => void])[] = [
  [
    "IPIP between nodes",
    "encapsulation",
    /1 of 1 routes lead through tunl0 \(ipip\): 20 of 1500 bytes/,
    (measured) => {
      for (const node of measured.nodes) {
        for (const route of readingOf(node.routes)) Object.assign(route, { device: "tunl0", kind: "ipip" });
      }
    },
  ],
  [
    "VXLAN between nodes",
    "encapsulation",
    /vxlan\.calico \(vxlan\): 50 of 1500 bytes of each packet, 3\.3 %/,
    (measured) => readingOf(cp1(measured).links).push({ name: "vxlan.calico", mtu: 1450, kind: "vxlan" }),
  ],
  [
    "a neighbour that takes a node's processors",
    "cpu-taken",
    /23\.0 % steal over \d+ s, at most 5 % wanted/,
    (measured) => Object.assign(readingOf(cp1(measured).processor), { stealPercent: 23 }),
  ],
  [
    "a CPU hog on the host of containers",
    "cpu-taken",
    /others use 50 % of the host's 2 processors/,
    (measured) => {
      const { samples } = readingOf(cp1(measured).processor);
      for (const sample of samples) sample.busyPercent = 99;
      Object.assign(cp1(measured), { container: true });
      Object.assign(readingOf(cp1(measured).processor), { othersPercent: 50 });
    },
  ],
  [
    "a CPU hog on a hypervisor",
    "cpu-taken",
    /others use 61 % of the host's 8 processors/,
    (measured) => {
      const processor = structuredClone(readingOf(cp1(measured).processor));
      for (const sample of processor.samples) sample.busyPercent = 97;
      measured.hypervisors.push({
        name: "hv1",
        processor: { value: { ...processor, processors: 8, othersPercent: 61 } },
      });
    },
  ],
  [
    "a slow disk of etcd",
    "etcd-disk",
    /p99 of \d+ times WAL fsync is 63\.0 ms, p50 22\.0 ms/,
    (measured) => etcd(measured, 200, 180, 22, 63),
  ],
  [
    "a disk of etcd so slow that few writes end",
    "etcd-disk",
    /p99 of 30 times WAL fsync is 400\.0 ms, p50 90\.0 ms/,
    (measured) => etcd(measured, 30, 28, 90, 400),
  ],
  [
    "a connection table of 1,000 entries",
    "conntrack-limit",
    /1000 entries where 65536 are wanted: 8 new TCP connections a second fill it/,
    (measured) => Object.assign(readingOf(cp1(measured).conntrack), { limit: 1000 }),
  ],
  [
    "a connection table that is nearly full",
    "conntrack-limit",
    /120000 of 131072 entries are in use/,
    (measured) => Object.assign(readingOf(cp1(measured).conntrack), { use: 120_000, limit: 131_072 }),
  ],
  [
    "a connection table that dropped packets",
    "conntrack-limit",
    /7 packets were dropped/,
    (measured) => Object.assign(readingOf(cp1(measured).conntrack), { drops: 7 }),
  ],
  [
    "an MTU of 1,400 on one link between nodes",
    "small-mtu",
    /packets of 1400 bytes get there and back, of 1500 bytes none/,
    (measured) => Object.assign(path(measured), { mtu: { value: 1400 } }),
  ],
  [
    "an MTU of 1,400 on a NIC",
    "small-mtu",
    /eth0 has an MTU of 1400 bytes, 1500 wanted/,
    (measured) => Object.assign(readingOf(cp1(measured).nic), { mtu: 1400 }),
  ],
  [
    "2 % loss on one path",
    "packet-loss",
    /cp1 to worker1, between pods: 80 of 4008 small messages were sent again, 2\.0 %/,
    (measured) => Object.assign(readingOf(path(measured).pod), { segments: 4008, retransmits: 80 }),
  ],
  ["a slow DNS", "slow-dns", /a tenth of 200 answers took longer than 104\.0 ms/, (measured) => dns(measured, 104_000)],
  [
    "a DNS that does not answer",
    "slow-dns",
    /3 of 200 questions were answered/,
    (measured) => {
      const none = { answered: 3, asked: 200, answerMicroseconds: null };
      measured.dns.push({ node: "cp1", server: "10.96.0.10", ...none });
    },
  ],
];
