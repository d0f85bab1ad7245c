import assert from "node:assert/strict";
import { test } from "node:test";
import { judge } from "../../policies/judge";
import { parameters } from "../../policies/residency/parameters";
import { rules } from "../../policies/residency/rules";
import { type Finding, isViolation, message, type Properties, type Resource, unknown } from "../../policies/rule";
import type { Described } from "./programs/resources";
import { everythingForbidden, forbidden } from "./residency-forbidden";
import { changed, inOslo, inStockholm } from "./residency-programs";

const defaults = { ...parameters.parse({}), today: new Date().toISOString().slice(0, 10) };
const stack: Resource = resourceOf({ type: "pulumi:pulumi:Stack", name: "test-dev", properties: {} });

function resourceOf({ type, name, properties }: Described): Resource {
  const urn = `urn:pulumi:dev::test::${type}::${name}`;
  return { urn, type, name, properties: properties as Properties, additionalSecretOutputs: [], protect: false };
}

interface Violation {
  readonly finding: Finding;
  readonly text: string;
}

function violations(program: readonly Described[], parameters = defaults): Violation[] {
  const resources = [stack, ...program.map(resourceOf)];
  return rules.flatMap((rule) =>
    judge(rule, resources, parameters)
      .filter(isViolation)
      .map((finding) => ({ finding, text: message(rule, finding) })),
  );
}

/** Fields that no rule judges, and why. */
const notJudged = [
  /^metadata\./,
  /containers\[0\]\.name$/,
  /mirrors\[0\]\.registry$/, // The mirror is judged instead: mirrors[0].mirror.
  /serves\[0\]$/, // The images that it serves are judged.
  /^create$/, // SEC-02 judges a line that is not known; one that calls nobody is fine.
  /images\.registry/, // A digest, which SEC-12 judges.
];

const fields = inOslo.flatMap(({ type, name, properties }) =>
  leaves(properties)
    .filter((path) => !notJudged.some((pattern) => pattern.test(path)))
    .map((path) => ({ type: type.split(":").at(-1) as string, name, path })),
);

function leaves(value: unknown, path = ""): string[] {
  if (typeof value !== "object" || value === null) return [path];
  return Object.entries(value).flatMap(([key, child]) =>
    leaves(child, Array.isArray(value) ? `${path}[${key}]` : path ? `${path}.${key}` : key),
  );
}

const secret = "s3cret canary!";

/** Fields in which any text passes: no rule knows every city or name. */
const freeText = /(city|operator\.name|custodian|statement|by)$/;

/** The only items of lists that may be empty. */
const mayBeEmpty = /^(nameservers|timeServers|sources|mirrors)\[0\]$/;

for (const [what, value] of [
  ["unknown", unknown],
  ["missing", undefined],
  ["null", null],
  ["empty", ""],
  ["a number", 7],
  ["an object", { s3cret: secret }],
  ["a secret text", secret],
] as const) {
  test(`a field that is ${what} is a violation, and no message repeats it`, () => {
    const judged = fields
      .filter(({ path }) => value !== secret || !freeText.test(path))
      .filter(({ path }) => value !== undefined || !mayBeEmpty.test(path))
      .map((field) => ({ field, found: violations(changed(inOslo, field.type, field.name, field.path, value)) }));
    assert.ok(judged.length > 50);
    const passed = judged.filter(({ found }) => found.length === 0).map(({ field }) => `${field.name} ${field.path}`);
    assert.deepEqual(passed, []);
    assert.doesNotMatch(judged.flatMap(({ found }) => found.map(({ text }) => text)).join("\n"), /The rule broke/);
    const repeated = judged.flatMap(({ found }) => found.filter(({ text }) => text.includes("s3cret")));
    assert.deepEqual(repeated, []);
  });
}

test("a country that is not allowed is a violation in every field that holds a country", () => {
  const countries = fields.filter(({ path }) => /country|Countries/i.test(path));
  assert.ok(countries.length > 20);
  for (const { type, name, path } of countries) {
    const [first] = violations(changed(inOslo, type, name, path, "US"));
    assert.equal(first?.finding.state, "violated", `${type} ${name} ${path}`);
    assert.match(first?.text ?? "", /is US, not allowed; allowed: NO/);
  }
});

test("each residency rule reports the change that violates it", () => {
  assert.deepEqual(rules.map(({ name }) => name).sort(), Object.keys(forbidden).sort());
  const found = violations(everythingForbidden);
  for (const { id, name } of rules) {
    const text = found.map((one) => one.text).filter((one) => one.startsWith(`${id} `));
    assert.match(text.join("\n"), forbidden[name]?.[4] ?? assert.fail(name));
  }
});

test("a program that keeps to every rule has no violation, in either profile", () => {
  assert.deepEqual(violations(inOslo), []);
  assert.deepEqual(violations(inStockholm, { ...defaults, profile: "eea" }), []);
});

test("each of several bad nodes gets its own finding", () => {
  const node = (name: string, site: unknown): Described => ({
    type: "kjerne:node:KvmNode",
    name,
    properties: { site },
  });
  const sites = [unknown, { country: unknown }, "nowhere", undefined, { country: "DE" }, { country: "FR" }];
  const found = violations(sites.map((site, i) => node(`n${i}`, site))).filter(({ text }) => text.startsWith("RES-01"));
  assert.deepEqual(
    found.map(({ finding }) => finding.state),
    ["unverifiable", "unverifiable", "unverifiable", "unverifiable", "violated", "violated"],
  );
});

test("a rule that throws an error reports its name, and not its message, which may hold a secret", () => {
  const [rule] = rules.filter(({ id }) => id === "RES-01");
  assert.ok(rule);
  const broken = { ...rule, check: () => JSON.parse(secret) as never };
  const both = judge(broken, inOslo.map(resourceOf), defaults);
  assert.equal(both[0]?.state, "unverifiable");
  assert.match(both[0]?.reason ?? "", /SyntaxError/);
  assert.ok(!JSON.stringify(both).includes("s3cret"));
});

test("every rule has a basis with link and date, a review day and fields that it reads; ids and names are unique", () => {
  for (const { id, basis, reviewBy, reads } of rules) {
    for (const { link, date, text } of basis) {
      assert.match(link, /^(https:\/\/|docs\/)/, id);
      assert.match(date, /^\d{4}-\d{2}-\d{2}$/, id);
      assert.ok(text.length > 30 && !/compliant/i.test(text), id);
    }
    assert.match(reviewBy, /^\d{4}-\d{2}-\d{2}$/);
    assert.ok(reads.length > 0);
  }
  assert.equal(new Set(rules.map(({ id }) => id)).size, rules.length);
  assert.equal(new Set(rules.map(({ name }) => name)).size, rules.length);
});
