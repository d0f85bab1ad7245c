import assert from "node:assert/strict";
import { test } from "node:test";
import { judge } from "../../policies/judge";
import { parameters } from "../../policies/residency/parameters";
import { transferBasis } from "../../policies/residency/transfers";
import { type Finding, isViolation, message, type Properties, type Resource, unknown } from "../../policies/rule";
import type { Described } from "./programs/resources";
import { changed, inDays, inOslo } from "./residency-programs";

const told = { ...parameters.parse({ profile: "eea" }), today: inDays(0) };

/** Who runs the store answers to an owner in the US. */
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
  return judge(transferBasis, resources, told);
}

const said = (program: readonly Described[]) =>
  findings(program)
    .filter(isViolation)
    .map((finding) => message(transferBasis, finding).split("\n")[1]);

test("inside the EEA no transfer is needed, whichever profile holds", () => {
  assert.deepEqual(said(inOslo), []);
  assert.deepEqual(said(changed(inOslo, "KvmNode", "cp1", "site.country", "DE")), []);
});

test("each country outside the EEA is named with its field, until its transfer is recorded", () => {
  const [only, ...others] = said(ownedAbroad);
  assert.match(
    only ?? "",
    /^Backup etcd, operator\.parentCountry: is US, not allowed; .*nobody recorded on what ground/,
  );
  assert.deepEqual(others, []);
  assert.deepEqual(said([...ownedAbroad, transfer()]), []);
  assert.match(said([...ownedAbroad, transfer({ to: "IN" })])[0] ?? "", /is US, not allowed/);
});

test("a country counts wherever it stands: site, support staff, hosts, keys", () => {
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

test("any of the grounds will do; what is no country code is another rule's finding", () => {
  for (const ground of ["adequacy", "safeguards", "derogation"]) {
    assert.deepEqual(said([...ownedAbroad, transfer({ ground })]), [], ground);
  }
  assert.deepEqual(said(changed(inOslo, "KvmNode", "cp1", "site.country", "NORGE")), []);
});

for (const [what, change, says] of [
  ["without a ground", { ground: undefined }, /ground: unverifiable; allowed: adequacy, safeguards.*It is missing/],
  ["on a ground that there is not", { ground: "consent" }, /It is not a ground of GDPR chapter V/],
  ["on a ground that is not known yet", { ground: unknown }, /It is known only after the change/],
  ["to no country code", { to: "USA" }, /Transfer US, to: unverifiable\. It is not a country code/],
  ["to something before a code", { to: "the US" }, /Transfer US, to: unverifiable\. It is not a country code/],
  ["without a country", { to: undefined }, /Transfer US, to: unverifiable\. It is missing/],
  ["that nobody answers for", { by: "" }, /by: unverifiable\. It is missing/],
  ["that nobody assessed", { statement: 7 }, /statement: unverifiable\. It is not a text/],
  ["that has ended", { until: inDays(-1) }, /until: unverifiable\. It ended on/],
  ["for longer than 90 days", { until: inDays(92) }, /is too far ahead\. .*at most 90 days ahead/],
] as const) {
  test(`a transfer ${what} is none`, () => {
    assert.match(said([...ownedAbroad, transfer(change)]).join("\n"), says);
  });
}

test("the adequacy of the US counts, and is told to be contested", () => {
  const reasons = (change: object) =>
    findings([...ownedAbroad, transfer(change)]).flatMap(({ reason }) => reason ?? []);
  assert.match(reasons({ ground: "adequacy" }).join(), /^The adequacy of the US .* is contested/);
  assert.deepEqual(reasons({}), []);
  assert.deepEqual(said([...ownedAbroad, transfer({ ground: "adequacy" })]), []);
});
