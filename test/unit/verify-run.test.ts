import assert from "node:assert/strict";
import { test } from "node:test";
import type { ProbeOutput } from "../../components/verify/probe-checks";
import { type Run, UnreachableError } from "../../components/verify/run";
import { verify } from "../../components/verify/verify";
import { clusterFailures } from "./verify/cluster-failures";
import { everyCheck, named } from "./verify/every-check";
import { nodeFailures } from "./verify/failures";
import { lab, wanted } from "./verify/healthy";

/** Everything that a check depends on, so that the report holds every check there is. */
const all = {
  ...wanted,
  nodes: [...wanted.nodes, { name: "cp2", role: "control-plane", address: "10.77.0.12", container: true } as const],
};

/** Connections end as the plan that the script got says. */
function connected(stdin: string): ProbeOutput {
  const { probes }: { probes: { pod: string; passes: Named[]; carries: Named[]; refused: Named[] }[] } =
    JSON.parse(stdin);
  const results = probes.flatMap(({ pod, passes, carries, refused }) => [
    ...[...passes, ...carries].map(({ id }) => ({ pod, probe: id, exitCode: 0, message: "" })),
    ...refused.map(({ id }) => ({ pod, probe: id, exitCode: 1, message: "TIMEOUT" })),
  ]);
  return { problem: "", results };
}
type Named = { readonly id: string };

/** Answers for the nodes of a lab what they answered when they were recorded, with the time of now. */
function replay(asked: string[] = []): Run {
  return async (node, script, stdin) => {
    asked.push(`${node} ${script}`);
    if (script === "verify/probe.sh") return JSON.stringify(connected(stdin));
    const now = { status: 0, stdout: `${Date.now() / 1000}\n`, stderr: "" };
    return JSON.stringify({ ...lab[node as keyof typeof lab], clockBegan: now, clockEnded: now });
  };
}

/** As `replay`, with nodes that don't answer. */
const without = (silent: readonly string[], asked: string[] = []): Run => {
  const others = replay(asked);
  return async (node, ...rest) => {
    if (silent.includes(node)) throw new UnreachableError(`ssh: connect to ${node}: No route to host`);
    return others(node, ...rest);
  };
};

test("the report on a healthy cluster holds every check, on every node, and passes without a warning", async () => {
  const report = await verify(wanted, replay());
  assert.deepEqual(named(report.checks), everyCheck(wanted));
  assert.deepEqual(
    report.checks.filter(({ passed }) => !passed),
    [],
  );
  assert.deepEqual(report.warnings, []);
});

test("every check that a report can hold has a case in which it fails", async () => {
  const { checks } = await verify(all, replay());
  const tried = new Set(["ssh", ...[...clusterFailures, ...nodeFailures].map(([, , id]) => id)]);
  // Connections have theirs in probe-checks.test.ts, kernel settings in their kinds.
  const lacking = checks.map(({ id }) => id).filter((id) => !tried.has(id) && !/^(probe|sysctl)-/.test(id));
  assert.deepEqual([...new Set(lacking)], [], `add a case to test/unit/verify/failures.ts for ${lacking.join(", ")}`);
});

test("a node that doesn't answer fails one check of its own, and the others are judged", async () => {
  const report = await verify(wanted, without(["worker1"]));
  assert.deepEqual(
    report.checks.filter(({ passed }) => !passed).map(({ node, id, found }) => [node, id, found]),
    [["worker1", "ssh", "ssh: connect to worker1: No route to host"]],
  );
  assert.ok(named(report.checks).includes("cp1 bgp-sessions"));
  assert.equal(report.passed, false);
});

type Answers = Readonly<Record<string, object>>;
const disk = (text: string) => (honest: Answers) => ({
  ...honest,
  etcdDisk: { status: 0, stdout: text, stderr: "" },
});
const forged: Readonly<Record<string, (honest: Answers) => object | null>> = {
  nothing: () => null,
  "something else than readings": () => ({ kernel: { status: 1 } }),
  "a reading of a disk that is nothing": disk("null"),
  "a reading of a disk whose number is text": disk('{"p99Milliseconds":"9","limitMilliseconds":1}'),
};
for (const [what, forge] of Object.entries(forged)) {
  test(`a node that prints ${what} fails its own check, and the others are judged`, async () => {
    const honest = replay();
    const report = await verify(wanted, async (node, script, stdin) => {
      const printed = await honest(node, script, stdin);
      return node === "worker1" ? JSON.stringify(forge(JSON.parse(printed))) : printed;
    });
    assert.deepEqual(
      report.checks.filter(({ passed }) => !passed).map(({ node, id }) => `${node} ${id}`),
      ["worker1 ssh"],
    );
    assert.ok(named(report.checks).includes("cp1 bgp-sessions"));
  });
}

test("when the first control plane doesn't answer, another one is asked about the cluster", async () => {
  const asked: string[] = [];
  const two = {
    ...wanted,
    nodes: [{ name: "cp0", role: "control-plane", address: "10.77.0.10" } as const, ...wanted.nodes],
  };
  const { checks } = await verify(two, without(["cp0"], asked));
  assert.ok(asked.includes("cp1 verify/observe-cluster.sh") && asked.includes("cp1 verify/probe.sh"));
  assert.equal(checks.find(({ id }) => id === "network-policies")?.passed, true);
});

test("no pod is put on a node that is not Ready: it would keep the probes of all others waiting", async () => {
  const three = {
    ...wanted,
    nodes: [...wanted.nodes, { name: "worker2", role: "worker", address: "10.77.0.22" } as const],
  };
  const { checks } = await verify(three, replay());
  const failed = checks.filter(({ passed, node }) => !passed && node !== "worker2").map(({ id }) => id);
  assert.ok(failed.includes("nodes-ready"));
  const probes = checks.filter(({ id }) => id.startsWith("probe-"));
  assert.deepEqual([...new Set(probes.map(({ node, passed }) => `${node} ${passed}`))], ["cp1 true", "worker1 true"]);
});
