import assert from "node:assert/strict";
import { test } from "node:test";
import { withDefaults } from "../../components/cluster/with-defaults";
import { clusterArgs } from "../../stacks/cluster-args";
import { type Config, problems, read } from "./environments";

const answers = {
  communication: "constantly",
  latency: "tolerant",
  eastWest: "most",
  exchange: "large-data-sets",
  directAccess: "unneeded",
  priority: "performance",
};
const critical = { ...answers, latency: "critical" };
const workers = (all: Config) => all.nodes.filter(({ role }: Config) => role === "worker");

/** What somebody wrote, and what the only message about it must say. */
const wrong: readonly [string, (all: Config) => void, RegExp][] = [
  [
    "throughput with an MTU of 1500",
    (all) => (Object.assign(all, { workload: answers }).network.mtu = 1500),
    /^network\.mtu is 1500, and the workload's profile is throughput, .*; set what .* such as 9000, or answer/,
  ],
  [
    "latency with a worker whose CPUs wander",
    (all) => {
      all.workload = critical;
      delete workers(all)[1].pinnedCpus;
    },
    /^nodes: worker2 has no pinnedCpus, and the workload's profile is latency, .*; list CPUs of hv2 that nobody else has/,
  ],
  [
    "hpc with a worker whose CPUs wander",
    (all) => {
      all.workload = { ...answers, directAccess: "needed" };
      delete workers(all)[0].pinnedCpus;
    },
    /^nodes: worker1 has no pinnedCpus, and the workload's profile is hpc/,
  ],
  [
    "latency with a worker of one CPU",
    (all) => {
      all.workload = critical;
      Object.assign(workers(all)[2], { cpus: 1, pinnedCpus: [8] });
    },
    /reservedSystemCpus is 0; worker worker3 has 1 CPU, and none is left for pods: reserve fewer, or give it more/,
  ],
  [
    "a reserved CPU that no worker has",
    (all) => (all.kubernetes.exclusiveCpus = { reservedSystemCpus: "0,8-9" }),
    /reservedSystemCpus is 0,8-9; worker worker1 has 8 CPUs, 0 to 7, and CPU 8 is not among them: reserve/,
  ],
  [
    "a list of CPUs that is none",
    (all) => (all.kubernetes.exclusiveCpus = { reservedSystemCpus: "0,x" }),
    /reservedSystemCpus \(0,x\): is no list of CPUs such as 0 or 0-1,8/,
  ],
  [
    "a range of CPUs that falls",
    (all) => (all.kubernetes.exclusiveCpus = { reservedSystemCpus: "3-1" }),
    /has the range 3-1, which ends before it begins; write the lower CPU first/,
  ],
  [
    "half a huge page",
    (all) => (all.kubernetes.hugePagesMiB = 513),
    /hugePagesMiB \(513\): is no number of pages of 2 MiB; write an even one/,
  ],
  [
    "a question without an answer",
    (all) => (all.workload = { ...answers, exchange: undefined }),
    /workload\.exchange: is missing: Do they/,
  ],
];
for (const [what, change, message] of wrong) {
  test(`${what} is refused`, async () => {
    const found = await problems((all) => void change(all));
    assert.match(found[0] ?? "", message);
    assert.ok(found.length <= 3, found.join("\n"));
  });
}

const kubernetesOf = async (change: (all: Config) => void) => {
  const { settings, files } = await read("oslo", (all) => {
    for (const peer of all.network.calico.peers) peer.authenticated = false;
    change(all);
  });
  return withDefaults(clusterArgs({ settings, files })).kubernetes;
};

test("the profile latency turns on kernel profile and CPUs of their own, beside what the settings say", async () => {
  const plain = await kubernetesOf((all) => (all.workload = critical));
  assert.deepEqual(plain.sysctlProfiles, ["base", "router", "low-latency"]);
  assert.deepEqual(plain.exclusiveCpus, { reservedSystemCpus: "0" });
  const said = await kubernetesOf((all) => {
    all.workload = critical;
    all.kubernetes.exclusiveCpus = { reservedSystemCpus: "0-1" };
  });
  assert.deepEqual(said.exclusiveCpus, { reservedSystemCpus: "0-1" });
});

test("throughput with jumbo frames is taken, and changes nothing on nodes", async () => {
  const [without, with_] = [await kubernetesOf(() => {}), await kubernetesOf((all) => (all.workload = answers))];
  assert.deepEqual(with_, without);
  assert.equal(without.exclusiveCpus, undefined);
});
