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

test("if check throws on one resource, that one is unverifiable and the others are judged", () => {
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

test("if appliesTo throws on a resource, that one is unverifiable", () => {
  const careless: Rule = {
    ...rule,
    appliesTo: ({ name }) => (name === "b" ? (JSON.parse("") as boolean) : false),
    check: () => JSON.parse(""),
  };
  assert.deepEqual(about(careless), ["b unverifiable"]);
});

test("a finding about no resource is reported for the stack", () => {
  const nobody: Rule = { ...rule, check: () => [{ urn: "", field: "", state: "violated" }], scope: "together" };
  assert.deepEqual(about(nobody), ["test-dev violated"]);
  assert.deepEqual(about({ ...rule, ifNone: "Nothing is there." }, [stack]), ["test-dev unverifiable"]);
  assert.deepEqual(about(rule, [stack]), []);
});

test("a message says the demand, what is wrong where and what to do, and the basis", () => {
  const lines = (finding: object) =>
    message(rule, { urn: a.urn, field: "f", state: "violated", ...finding }).split("\n");
  assert.deepEqual(lines({ read: "1", allowed: "2", reason: "Reason.", wayOut: "Way out." }), [
    "T-01 Title.",
    "Z a, f: is 1, not allowed; allowed: 2. Reason. Way out.",
    "Why: Text. (https://eksempel.no)",
  ]);
  assert.equal(lines({ field: "", state: "unverifiable" })[1], "Z a: unverifiable.");
  assert.equal(lines({ state: "shown", read: "1", reason: "It ends." })[1], "Z a, f: is 1. It ends.");
  assert.equal(lines({ state: "shown" })[1], "Z a, f: shown.");
});

const found = (value: Value | undefined, more: object = {}) =>
  judged("u", "f", value, { allows: () => false, allowed: "x", wayOut: "Do it.", ...more });

test("a finding repeats scalars and lists of texts, but no object and no confidential value", () => {
  const read = (value: Value | undefined) => found(value).read;
  assert.deepEqual([read("a"), read(7), read(false)], ["a", "7", "false"]);
  assert.deepEqual([read(undefined), read(null)], ["not set", "not set"]);
  assert.deepEqual([read(["a", "b"]), read(["a", {}]), read({ a: "b" })], ["a, b", "a list", "an object"]);
  assert.equal(found("a", { confidential: true }).read, undefined);
  assert.equal(found("a", { confidential: true, allows: () => true }).read, undefined);
});

test("an unknown value is unverifiable even if the demand allows everything", () => {
  const { state, read } = found(unknown, { allows: () => true });
  assert.deepEqual([state, read], ["unverifiable", undefined]);
});
