import assert from "node:assert/strict";
import { test } from "node:test";
import { type ProbeResult, probeChecks } from "../../components/verify/probe-checks";
import { probePlan } from "../../components/verify/probe-plan";
import { wanted } from "./verify/healthy";

const plan = probePlan(wanted);
const connected = { exitCode: 0, message: "" };
const timedOut = { exitCode: 1, message: "TIMEOUT" };
const reset = { exitCode: 1, message: "REFUSED" };
const nameless = { exitCode: 1, message: "DNS: lookup kubernetes.default.svc: i/o timeout" };

/** One connection that does not end as it must: what, the check that must fail, how it ended, what that check finds. */
const failures: readonly [string, string, Pick<ProbeResult, "exitCode" | "message">, RegExp][] = [
  ["the frontend's node without DNS", "probe-frontend-cp1-api", nameless, /^DNS: lookup/],
  ["frontend and backend cut off from each other", "probe-frontend-cp1-backend", timedOut, /^TIMEOUT$/],
  ["an allowed pod that reaches any port", "probe-frontend-cp1-backend-other", connected, /^passes$/],
  ["a port that answers with a reset: the packet got there", "probe-frontend-cp1-backend-other", reset, /^REFUSED$/],
  ["a pod that gets out", "probe-frontend-cp1-outside", connected, /^passes$/],
  ["the backend's node without a way to the API", "probe-backend-api", timedOut, /^TIMEOUT$/],
  ["an allowed way that is open backwards", "probe-backend-frontend", connected, /^passes$/],
  ["a namespace without policies that is cut off too", "probe-open-api", timedOut, /^TIMEOUT$/],
  ["an outside that never answers anybody", "probe-open-outside", timedOut, /^TIMEOUT$/],
  ["another namespace that gets in", "probe-open-backend", connected, /^passes$/],
];

/** Every connection ends as the plan says, but for the one whose check is given. */
function checksWhere(id: string, ended: Pick<ProbeResult, "exitCode" | "message">) {
  const results = plan.flatMap(({ name, passes, refused }) => [
    ...passes.map((probe) => ({ pod: name, probe: probe.id, ...connected })),
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
