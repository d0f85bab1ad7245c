import assert from "node:assert/strict";
import { test } from "node:test";
import type { ObservedAdmission } from "../../components/verify/observed-cluster";
import { objectsJudged } from "../../components/verify/policy-checks";

const bound = { policy: "kjerne-net-01", actions: ["Deny"], failurePolicy: "Fail" };
const judged = (action: "deny" | "warn", ...found: readonly ObservedAdmission[]) =>
  objectsJudged({ policies: ["kjerne-net-01"], action }, { value: found });

test("policies by which the API server refuses, or warns where the settings say so, pass", () => {
  assert.ok(judged("deny", bound, { ...bound, policy: "somebody-elses", actions: ["Audit"] }).passed);
  assert.ok(judged("deny", { ...bound, actions: ["Audit"] }, bound).passed, "somebody binds it once more");
  assert.ok(judged("warn", { ...bound, actions: ["Warn", "Audit"] }).passed);
});

const wrong: readonly [what: string, found: readonly ObservedAdmission[], said: string][] = [
  ["a binding that somebody deleted", [], "kjerne-net-01 is bound to nothing"],
  ["a policy that somebody deleted", [{ ...bound, failurePolicy: "" }], "kjerne-net-01 is not there"],
  ["a binding that only warns", [{ ...bound, actions: ["Warn", "Audit"] }], "kjerne-net-01 is bound to Warn, Audit"],
  ["a policy that lets pass", [{ ...bound, failurePolicy: "Ignore" }], "kjerne-net-01 has failurePolicy Ignore"],
];
for (const [what, found, said] of wrong)
  test(`${what}: the check fails and names it`, () => {
    const check = judged("deny", ...found);
    assert.deepEqual([check.passed, check.found], [false, said]);
  });
