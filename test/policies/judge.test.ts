import assert from "node:assert/strict";
import { test } from "node:test";
import { judge } from "../../policies/judge";
import { judged } from "../../policies/reading";
import { message, type Resource, type Rule, unknown, type Value } from "../../policies/rule";
import { asResources } from "./described";

const [stack, a, b] = asResources(
  [
    ["pulumi:pulumi:Stack", "test-dev"],
    ["x:y:Z", "a"],
    ["x:y:Z", "b"],
  ].map(([type = "", name = ""]) => ({
    ...{ type, name, properties: {} },
  })),
) as [Resource, Resource, Resource];

const rule: Rule = {
  ...{ id: "T-01", name: "t", title: "Title.", reviewBy: "2027-05-20", severity: "low", reads: ["x:y:Z: f"] },
  basis: [{ kind: "technical", text: "Text.", link: "https://eksempel.no", date: "2026-11-20" }],
  scope: "each",
  appliesTo: ({ type }) => type === "x:y:Z",
  check: (resources) => resources.map(({ urn }) => ({ urn, field: "f", state: "shown" })),
};
const day = { today: "2026-11-20" };
const about = (tried: Rule, resources: readonly Resource[] = [stack, a, b]) =>
  judge(tried, resources, day).map(({ urn, state }) => `${urn.split("::").at(-1)} ${state}`);

test("a rule that breaks on one resource is told of it, and judges the others", () => {
  const broken: Rule = {
    ...rule,
    check: (resources, parameters) => {
      if (resources.includes(a)) throw new Error("geheim");
      return rule.check(resources, parameters);
    },
  };
  assert.deepEqual(about(broken), ["a unverifiable", "b shown"]);
  assert.deepEqual(about({ ...broken, scope: "together" }), ["a unverifiable", "b unverifiable"]);
  assert.doesNotMatch(JSON.stringify(judge(broken, [a], day)), /geheim/);
});

test("a rule that breaks on the question whether it applies is told of it too", () => {
  const careless: Rule = {
    ...rule,
    appliesTo: ({ name }) => (name === "b" ? (JSON.parse("") as boolean) : false),
    check: () => JSON.parse(""),
  };
  assert.deepEqual(about(careless), ["b unverifiable"]);
});

test("what is about no resource is about the stack", () => {
  const nobody: Rule = { ...rule, check: () => [{ urn: "", field: "", state: "violated" }], scope: "together" };
  assert.deepEqual(about(nobody), ["test-dev violated"]);
  assert.deepEqual(about({ ...rule, ifNone: "Nothing is there." }, [stack]), ["test-dev unverifiable"]);
  assert.deepEqual(about(rule, [stack]), []);
});

test("a finding is told as the demand, what is wrong where and what to do, and why", () => {
  const told = (finding: object) =>
    message(rule, { urn: a.urn, field: "f", state: "violated", ...finding }).split("\n");
  assert.deepEqual(told({ read: "1", allowed: "2", reason: "Reason.", wayOut: "Way out." }), [
    "T-01 Title.",
    "Z a, f: is 1, not allowed; allowed: 2. Reason. Way out.",
    "Why: Text. (https://eksempel.no)",
  ]);
  assert.equal(told({ field: "", state: "unverifiable" })[1], "Z a: unverifiable.");
  assert.equal(told({ state: "shown", read: "1", reason: "It ends." })[1], "Z a, f: is 1. It ends.");
  assert.equal(told({ state: "shown" })[1], "Z a, f: shown.");
});

const found = (value: Value | undefined, more: object = {}) =>
  judged("u", "f", value, { allows: () => false, allowed: "x", wayOut: "Do it.", ...more });

test("what was read is repeated by what it is: an object may hold anything, and what may be secret is not", () => {
  const read = (value: Value | undefined) => found(value).read;
  assert.deepEqual([read("a"), read(7), read(false)], ["a", "7", "false"]);
  assert.deepEqual([read(undefined), read(null)], ["not set", "not set"]);
  assert.deepEqual([read(["a", "b"]), read(["a", {}]), read({ a: "b" })], ["a, b", "a list", "an object"]);
  assert.equal(found("a", { confidential: true }).read, undefined);
  assert.equal(found("a", { confidential: true, allows: () => true }).read, undefined);
});

test("what is not known is never asked about, and never repeated", () => {
  const { state, read } = found(unknown, { allows: () => true });
  assert.deepEqual([state, read], ["unverifiable", undefined]);
});
