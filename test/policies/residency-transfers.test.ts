import assert from "node:assert/strict";
import { test } from "node:test";
import { judge } from "../../policies/judge";
import { parameters } from "../../policies/residency/parameters";
import { transferBasis } from "../../policies/residency/transfers";
import { type Finding, isViolation, message, type Properties, type Resource, unknown } from "../../policies/rule";
import type { Described } from "./programs/resources";
import { changed, inDays, inOslo } from "./residency-programs";

const defaults = { ...parameters.parse({ profile: "eea" }), today: inDays(0) };

/** The company that runs the backup's store has an owner in the US. */
const ownedAbroad = changed(inOslo, "Backup", "etcd", "operator.parentCountry", "US");

const transfer = (change: object = {}): Described => ({
  type: "kjerne:residency:Transfer",
  name: "US",
  properties: {
    to: "US",
    ground: "safeguards",
    statement: "Standard clauses, assessed in TIA-2026-7, on file.",
    by: "Head of security, Eksempel",
    until: inDays(80),
    ...change,
  },
});

function findings(program: readonly Described[]): Finding[] {
  const resources = program.map(({ type, name, properties }): Resource => {
    const urn = `urn:pulumi:dev::test::${type}::${name}`;
    return { urn, type, name, properties: properties as Properties, additionalSecretOutputs: [], protect: false };
  });
  return judge(transferBasis, resources, defaults);
}

const said = (program: readonly Described[]) =>
  findings(program)
    .filter(isViolation)
    .map((finding) => message(transferBasis, finding).split("\n")[1]);

test("RES-05 asks for no recorded transfer to a country in the EEA", () => {
  assert.deepEqual(said(inOslo), []);
  assert.deepEqual(said(changed(inOslo, "KvmNode", "cp1", "site.country", "DE")), []);
});

test("a country outside the EEA violates RES-05 until a transfer to it is recorded", () => {
  const [only, ...others] = said(ownedAbroad);
  assert.match(
    only ?? "",
    /^Backup etcd, operator\.parentCountry: is US, not allowed; .*nobody recorded on what ground/,
  );
  assert.deepEqual(others, []);
  assert.deepEqual(said([...ownedAbroad, transfer()]), []);
  assert.match(said([...ownedAbroad, transfer({ to: "IN" })])[0] ?? "", /is US, not allowed/);
});

test("RES-05 judges the countries of sites, support staff, hosts and keys", () => {
  for (const [type, name, path] of [
    ["KvmNode", "cp1", "site.operator.country"],
    ["KvmNode", "cp1", "site.supportCountries[0]"],
    ["Endpoints", "registry", "hosts[0].operator.parentCountry"],
    ["Endpoints", "dns", "hosts[0].country"],
    ["State", "state", "key.country"],
  ] as const) {
    assert.match(said(changed(inOslo, type, name, path, "IN")).join(), new RegExp(`${name}, .*: is IN`), path);
  }
});

test("RES-05 accepts each ground of GDPR chapter V, and ignores a country that is no country code", () => {
  for (const ground of ["adequacy", "safeguards", "derogation"]) {
    assert.deepEqual(said([...ownedAbroad, transfer({ ground })]), [], ground);
  }
  assert.deepEqual(said(changed(inOslo, "KvmNode", "cp1", "site.country", "NORGE")), []);
});

for (const [what, change, says] of [
  ["without a ground", { ground: undefined }, /ground: unverifiable; allowed: adequacy, safeguards.*It is missing/],
  ["on a ground that GDPR does not have", { ground: "consent" }, /It is not a ground of GDPR chapter V/],
  ["on a ground that is not known yet", { ground: unknown }, /It is known only after the change/],
  ["to a text that is no country code", { to: "USA" }, /Transfer US, to: unverifiable\. It is not a country code/],
  [
    "to a text that ends in a country code",
    { to: "the US" },
    /Transfer US, to: unverifiable\. It is not a country code/,
  ],
  ["without a country", { to: undefined }, /Transfer US, to: unverifiable\. It is missing/],
  ["that nobody answers for", { by: "" }, /by: unverifiable\. It is missing/],
  ["whose statement is no text", { statement: 7 }, /statement: unverifiable\. It is not a text/],
  ["that has ended", { until: inDays(-1) }, /until: unverifiable\. It ended on/],
  ["for longer than 90 days", { until: inDays(92) }, /is too far ahead\. .*at most 90 days ahead/],
] as const) {
  test(`a transfer ${what} is unverifiable for RES-05`, () => {
    assert.match(said([...ownedAbroad, transfer(change)]).join("\n"), says);
  });
}

test("RES-05 accepts the adequacy of the US with a warning that it is contested", () => {
  const reasons = (change: object) =>
    findings([...ownedAbroad, transfer(change)]).flatMap(({ reason }) => reason ?? []);
  assert.match(reasons({ ground: "adequacy" }).join(), /^The adequacy of the US .* is contested/);
  assert.deepEqual(reasons({}), []);
  assert.deepEqual(said([...ownedAbroad, transfer({ ground: "adequacy" })]), []);
});
