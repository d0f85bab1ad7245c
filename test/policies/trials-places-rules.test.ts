import assert from "node:assert/strict";
import { test } from "node:test";
import { parseExceptions } from "../../policies/exceptions";
import { judge, judgeBefore } from "../../policies/judge";
import { parameters } from "../../policies/residency/parameters";
import { rules } from "../../policies/residency/rules";
import { asResources } from "./described";
import type { Described } from "./programs/resources";
import { complaints } from "./residency-complaints";
import { changed, inDays, inOslo } from "./residency-programs";

const stores = ["azblob://b", "gs://b", "b2://b", "s3://b", "s3://b?endpoint=", "s3://b?region=eu-north-1"];
const hosts = ["s3.amazonaws.com.", "s3.eu-central-1.wasabisys.com", "s3.us-west-000.backblazeb2.com"];
for (const store of [...stores, ...hosts.map((host) => `s3://b?endpoint=${host}`)]) {
  test(`a backup in ${store} violates RES-12, and a state there RES-13`, () => {
    assert.match(complaints(changed(inOslo, "Backup", "etcd", "store", store)), /RES-12 .*\n.*in the US/);
    assert.match(complaints(changed(inOslo, "State", "state", "backend", store)), /RES-13 .*\n.*in the US/);
  });
}

/** What one rule says among complaints. */
const of = (rule: string, all: string) =>
  all
    .split("\n\n")
    .filter((one) => one.startsWith(`${rule} `))
    .join("\n\n");

test("a backup in Frankfurt goes against what the customer asks, one in the US against the law", () => {
  const backupIn = (country: string) => complaints(changed(inOslo, "Backup", "etcd", "country", country));
  assert.match(of("RES-12", backupIn("DE")), /Why: No law asks it of all data; customers ask/);
  assert.doesNotMatch(backupIn("DE"), /chapter V/);
  assert.match(of("RES-12", backupIn("US")), /Why: Personal data leave the EEA only/);
  assert.doesNotMatch(of("RES-12", backupIn("US")), /record the transfer/);
});

test("an exception with blanks for an owner or a justification is refused", () => {
  const exception = (owner: string, justification: string) =>
    `exceptions: [{rule: RES-01, stack: lab, resource: "KvmNode cp1", owner: "${owner}", justification: "${justification}", until: "2027-05-15"}]`;
  const reason = "It is moved to Oslo in the spring.";
  assert.equal(parseExceptions(exception("platform team", reason)).length, 1);
  assert.throws(() => parseExceptions(exception("     ", reason)), /owner/);
  assert.throws(() => parseExceptions(exception("platform team", " ".repeat(30))), /justification/);
});

for (const level of ["hemmelig ", "NATO RESTRICTED", "EU CONFIDENTIAL", "Top Secret"]) {
  test(`data of the class "${level}" are for approved systems, even where a parameter lists the class`, () => {
    const found = complaints(changed(inOslo, "KvmNode", "cp1", "site.dataClass", level), { dataClasses: [level] });
    assert.match(found, /RES-07 .*not allowed.*Take such data elsewhere/s);
  });
}

test("a class of data that nobody listed is refused, and a parameter lists the operator's own", () => {
  const asdf = changed(inOslo, "KvmNode", "cp1", "site.dataClass", "asdf");
  assert.match(complaints(asdf), /RES-07 .*allowed: test, public, .*dataClasses in policies\/residency/s);
  const own = changed(
    changed(inOslo, "KvmNode", "cp1", "site.dataClass", "asdf"),
    "KvmNode",
    "cp2",
    "site.dataClass",
    "asdf",
  );
  assert.equal(complaints(own, { dataClasses: ["asdf"] }), "");
});

for (const word of ["tbd", "none", "N/A", "pending"]) {
  test(`"${word}" is no registration with Nkom`, () => {
    const found = complaints(changed(inOslo, "KvmNode", "cp1", "site.nkomRegistration", word));
    assert.match(found, /RES-06 .*unverifiable.*It is not a registration/s);
  });
}

for (const code of ["XX", "UK", "EU", "EL", "ZZ"]) {
  test(`${code} is no code of ISO 3166-1, so no message says that something is there`, () => {
    const found = complaints(changed(inOslo, "Backup", "etcd", "country", code));
    assert.match(found, /RES-12 .*country: unverifiable.*It is not a country code of ISO 3166-1/s);
    assert.doesNotMatch(found, new RegExp(`is ${code}`));
  });
}

test("a well-known company abroad is no operator and no custodian in Norway, whatever countries are written beside it", () => {
  for (const [type, name, path, rule] of [
    ["Backup", "etcd", "key.custodian", "RES-08"],
    ["State", "state", "key.custodian", "RES-14"],
    ["Backup", "etcd", "operator.name", "RES-12"],
    ["State", "state", "operator.name", "RES-13"],
    ["KvmNode", "cp1", "site.operator.name", "RES-03"],
  ] as const) {
    const with_ = (value: unknown) => complaints(changed(inOslo, type, name, path, value));
    assert.match(
      with_("Amazon Web Services KMS"),
      new RegExp(`${rule} .*is Amazon, not allowed.*law of US`, "s"),
      path,
    );
    assert.match(with_("   "), new RegExp(`${rule} .*unverifiable\\. It is missing`, "s"), path);
    assert.equal(with_("Amazonas Drift AS"), "", path);
  }
});

const transferTo = (to: string, change: object = {}): Described => ({
  type: "kjerne:residency:Transfer",
  name: to,
  properties: {
    ...{ to, ground: "adequacy", statement: "Decision 2000/518, seen and on file.", by: "Head of legal, Eksempel" },
    ...{ until: inDays(60), ...change },
  },
});
const abroad: readonly (readonly [type: string, name: string, path: string, country: string, rule: string])[] = [
  ["Backup", "etcd", "country", "CH", "RES-12"],
  ["Backup", "etcd", "key.country", "CH", "RES-08"],
  ["KvmNode", "cp1", "site.supportCountries[0]", "GB", "RES-04"],
  ["KvmNode", "cp1", "site.country", "CH", "RES-01"],
  ["KvmNode", "cp1", "site.operator.parentCountry", "JP", "RES-03"],
  ["State", "state", "operator.country", "CH", "RES-13"],
  ["State", "state", "key.country", "CH", "RES-14"],
  ["Endpoints", "dns", "hosts[0].country", "CH", "RES-17"],
];
for (const [type, name, path, country, rule] of abroad) {
  test(`${type} ${path} ${country}: a transfer that holds satisfies ${rule} in the profile eea, and no other does`, () => {
    const program = changed(inOslo, type, name, path, country);
    const eea = (...more: Described[]) => complaints([...program, ...more], { profile: "eea" });
    assert.match(of(rule, eea()), new RegExp(`is ${country}, not allowed.*Or record the transfer`));
    assert.equal(eea(transferTo(country)), "");
    for (const other of [transferTo("AR"), transferTo(country, { until: inDays(-1) }), transferTo(country, { by: "" })])
      assert.match(of(rule, eea(other)), new RegExp(`is ${country}, not allowed`));
    const norway = of(rule, complaints([...program, transferTo(country)]));
    assert.match(norway, new RegExp(`is ${country}, not allowed.*Why: No law asks it of all data`, "s"));
  });
}

test("a service of a country to which a transfer is recorded may be asked in the profile eea", () => {
  const dns = changed(inOslo, "Endpoints", "dns", "hosts[0].host", "9.9.9.9");
  const quad9 = changed(dns, "KvmNode", "cp1", "nameservers[0]", "9.9.9.9");
  assert.match(complaints(quad9, { profile: "eea" }), /RES-17 .*Quad9 in Switzerland/s);
  assert.equal(complaints([...quad9, transferTo("CH")], { profile: "eea" }), "");
});

test("a place is refused before anything is made there, unless a transfer may still be recorded", () => {
  const before = (profile: "norway" | "eea", country: string) => {
    const nodes = asResources(changed(inOslo, "KvmNode", "cp1", "site.country", country));
    const cp1 = nodes.find(({ name }) => name === "cp1") ?? assert.fail();
    const rule = rules.find(({ id }) => id === "RES-01") ?? assert.fail();
    const [found, ...others] = judgeBefore(rule, cp1, { ...parameters.parse({ profile }), today: inDays(0) });
    assert.ok(found && others.length === 0);
    return `${found.state}, ${(found.basis ?? rule.basis[0]).kind}`;
  };
  assert.equal(before("norway", "US"), "violated, law");
  assert.equal(before("norway", "DE"), "violated, customer demand");
  assert.equal(before("norway", "XX"), "unverifiable, law");
  assert.equal(before("eea", "XX"), "unverifiable, law");
  assert.equal(before("eea", "US"), "attested, law");
});

test("a transfer is no node and no backup: without these RES-01 and RES-12 stay unverifiable", () => {
  const none = inOslo.filter(({ type }) => !/:(KvmNode|Backup)$/.test(type));
  const found = complaints([...none, transferTo("CH")], { profile: "eea" });
  assert.match(found, /RES-01 .*No resource says where the machines are/s);
  assert.match(found, /RES-12 .*Nothing records where backups lie/s);
});

test("what people write down is declared; only what the program works with is shown", () => {
  const resources = asResources(inOslo);
  const states = (id: string) => {
    const rule = rules.find((one) => one.id === id) ?? assert.fail(id);
    const found = judge(rule, resources, { ...parameters.parse({}), today: inDays(0) });
    return [...new Set(found.map(({ state }) => state))].sort();
  };
  for (const id of ["RES-01", "RES-06", "RES-07", "RES-08", "RES-12", "RES-13", "RES-14", "RES-16", "RES-28"])
    assert.deepEqual(states(id), ["declared"], id);
  assert.deepEqual(states("RES-03"), ["attested", "declared"]);
  assert.deepEqual(states("RES-18"), ["declared", "shown"]); // records of registries, and images that pods name
  for (const id of ["RES-02", "RES-43"]) assert.deepEqual(states(id), ["shown"], id);
});
