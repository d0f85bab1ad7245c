import assert from "node:assert/strict";
import { test } from "node:test";
import { type ProbeResult, probeChecks } from "../../components/verify/probe-checks";
import { probePlan } from "../../components/verify/probe-plan";
import { wanted } from "./verify/healthy";

const nodes = wanted.nodes.map((node) => ({ ...node, fabricInterface: "fab0" }));
const plan = probePlan({ ...wanted, nodes, fabric: { mtu: 9000, kind: "macvlan" } });
const connected = { exitCode: 0, message: "" };
const timedOut = { exitCode: 1, message: "TIMEOUT" };
const silent = { exitCode: 1, message: "1 packets transmitted, 0 received, 100% packet loss" };
const lost = { exitCode: 1, message: "0 of 60000 bytes came back" };
const reset = { exitCode: 1, message: "REFUSED" };
const nameless = { exitCode: 1, message: "DNS: lookup kubernetes.default.svc: i/o timeout" };

type Failure = [string, string, Pick<ProbeResult, "exitCode" | "message">, RegExp];
/** One connection that does not end as it must: what, the check that must fail, how it ended, what that check finds. */
const failures: readonly Failure[] = [
  ["the frontend's node without DNS", "probe-frontend-cp1-api", nameless, /^DNS: lookup/],
  ["frontend and backend cut off from each other", "probe-frontend-cp1-backend", timedOut, /^TIMEOUT$/],
  ["an allowed pod that reaches any port", "probe-frontend-cp1-backend-other", connected, /^passes$/],
  ["a port that answers with a reset: the packet got there", "probe-frontend-cp1-backend-other", reset, /^REFUSED$/],
  ["large packets that are lost between pods", "probe-frontend-cp1-backend-bytes", lost, /^0 of 60000 bytes/],
  ["a pod that gets into another namespace", "probe-frontend-cp1-server", connected, /^passes$/],
  ["a pod under default deny that reaches a machine", "probe-frontend-cp1-machine", connected, /^passes$/],
  ["the backend's node without a way to the API", "probe-backend-api", timedOut, /^TIMEOUT$/],
  ["an allowed way that is open backwards", "probe-backend-frontend", connected, /^passes$/],
  ["a namespace in which all is allowed that is cut off too", "probe-open-api", timedOut, /^TIMEOUT$/],
  ["a namespace in which all is allowed that reaches no other pod", "probe-open-server", timedOut, /^TIMEOUT$/],
  ["a namespace in which all is allowed that reaches a hypervisor", "probe-open-10.77.0.2:22", connected, /^passes$/],
  ["a namespace in which all is allowed that reaches a kubelet", "probe-open-10.77.0.11:10250", connected, /^passes$/],
  ["another namespace that gets in", "probe-open-backend", connected, /^passes$/],
  ["a namespace without policies into which others get", "probe-open-undeclared", connected, /^passes$/],
  ["a namespace without policies that reaches others", "probe-undeclared-server", connected, /^passes$/],
  ["a namespace without policies that reaches a machine", "probe-undeclared-machine", connected, /^passes$/],
  ["a namespace without policies that can't ask the API", "probe-undeclared-api", nameless, /^DNS: lookup/],
  ...["cp1", "worker1"].flatMap((node): Failure[] => [
    ["a fabric that drops packets of full size", `probe-fabric-${node}-packet`, silent, /100% packet loss$/],
    ["a pod on the fabric without the pod network", `probe-fabric-${node}-api`, timedOut, /^TIMEOUT$/],
    ["a pod on the fabric that no policy holds", `probe-fabric-${node}-server`, connected, /^passes$/],
    ["a pod on the fabric that reaches a machine", `probe-fabric-${node}-machine`, connected, /^passes$/],
  ]),
];

/** Every connection ends as the plan says, but for the one whose check is given. */
function checksWhere(id: string, ended: Pick<ProbeResult, "exitCode" | "message">) {
  const results = plan.flatMap(({ name, passes, carries, refused, whole }) => [
    ...[...passes, ...carries, ...whole].map((probe) => ({ pod: name, probe: probe.id, ...connected })),
    ...refused.map((probe) => ({ pod: name, probe: probe.id, ...timedOut })),
  ]);
  const edited = results.map((result) =>
    `probe-${result.pod}-${result.probe}` === id ? { ...result, ...ended } : result,
  );
  return probeChecks(plan, { value: { problem: "", results: edited } });
}

for (const [what, id, ended, found] of failures) {
  test(`${what} fails ${id} and nothing else`, () => {
    const failed = checksWhere(id, ended).filter(({ passed }) => !passed);
    assert.deepEqual(
      failed.map((check) => check.id),
      [id],
    );
    assert.match(failed[0]?.found ?? "", found);
  });
}

test("every connection that pods try has a case in which its check fails", () => {
  const failing = new Set(failures.map(([, id]) => id));
  const lacking = checksWhere("", connected).filter(({ id }) => !failing.has(id));
  const ids = lacking.map(({ id }) => id);
  assert.deepEqual(ids, [], `no case makes ${ids.join(", ")} fail: add one to test/unit/probe-checks.test.ts`);
});

test("where other namespaces are reported alone, no pod of theirs has to be refused", () => {
  const { clusterPolicy: _, ...reported } = wanted;
  assert.deepEqual(
    probePlan(reported).filter(({ namespace }) => namespace.endsWith("-undeclared")),
    [],
  );
});

test("nothing that must pass depends on a service of a machine, all of which are closed to pods", () => {
  const machines = wanted.probe.doors.map(({ address }) => address);
  const needed = plan.flatMap(({ passes, carries }) => [...passes, ...carries].map(({ target }) => target));
  assert.ok(needed.length > 0);
  assert.deepEqual(
    needed.filter((target) => machines.some((address) => target.startsWith(address))),
    [],
  );
});
