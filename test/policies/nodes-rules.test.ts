import assert from "node:assert/strict";
import { test } from "node:test";
import { packs } from "../../policies/all";
import { isAbout, judge } from "../../policies/judge";
import { type Finding, isViolation, type Rule } from "../../policies/rule";
import { asResources, unknownValue } from "./described";
import { command, hostKey } from "./hardening-programs";
import { kvmNode, otherNodeTypes, withNodesOf } from "./node-types";
import type { Described } from "./programs/resources";
import { complaints } from "./residency-complaints";
import { changed, inDays, inOslo } from "./residency-programs";

/** For each pack a program that keeps to its rules, with a node `cp1`. */
const kept: Readonly<Record<string, readonly Described[]>> = {
  residency: inOslo,
  network: [],
  hardening: [
    {
      type: kvmNode,
      name: "cp1",
      properties: {
        site: { country: "NO" },
        address: "10.20.0.31",
        machine: { hostKey },
        images: { "docker.io/library/a:1": `sha256:${"1".repeat(64)}` },
      },
    },
    command("late", { connection: unknownValue }, { parent: "cp1" }),
  ],
};

/** Rule → a field of the node `cp1` and a value that violates the rule. A rule that is missing here fails a test. */
const broken: Readonly<Record<string, readonly [field: string, value: unknown]>> = {
  "node-location": ["site.country", "SE"],
  "declared-machines": ["address", "10.20.0.99"],
  "declared-clusters": ["address", "10.20.0.99"],
  "named-hosts": ["address", "10.20.0.99"],
  "called-hosts": ["address", "10.20.0.99"],
  "data-class": ["site.dataClass", "Hemmelig"],
  "backup-elsewhere": ["site.city", "Trondheim"],
  "operator-jurisdiction": ["site.operator.country", "SE"],
  "support-access": ["site.supportCountries[0]", "SE"],
  "transfer-basis": ["site.country", "US"],
  "data-centre-registration": ["site.nkomRegistration", undefined],
  "image-registry": ["mirrors", [{ registry: "docker.io", mirror: "https://registry-1.docker.io" }]],
  "package-source": ["sources", [{ uri: "https://apt.example.com" }]],
  "image-digest": ["images", { "docker.io/library/a:1": "latest" }],
  "name-servers": ["nameservers[0]", "8.8.8.8"],
  "time-servers": ["timeServers[0]", "time.google.com"],
  "ssh-host-key": ["machine.hostKey", undefined],
  "foreseen-commands": ["machine.hostKey", undefined],
};

const nodesOfEachType = Object.values(kept).flatMap((program) =>
  [kvmNode, ...otherNodeTypes].flatMap((type) =>
    asResources(withNodesOf(type, program)).filter((resource) => resource.type === type),
  ),
);

/** Every rule of every pack that looks at nodes of any type, with the program that keeps to it. */
const judging = Object.entries(packs).flatMap(([pack, { rules, parameters }]) =>
  rules
    .filter((rule) => nodesOfEachType.some((node) => isAbout(rule, node)))
    .map((rule) => ({ rule, program: kept[pack] ?? [], parameters: { ...parameters.parse({}), today: inDays(0) } })),
);

test("each rule that judges nodes has an example here that violates it", () => {
  assert.deepEqual(judging.map(({ rule }) => rule.name).sort(), Object.keys(broken).sort());
});

for (const { rule, program, parameters } of judging) {
  for (const type of otherNodeTypes) {
    test(`${rule.id} ${rule.name} judges a node of type ${type} as it judges a KvmNode`, () => {
      const [field, value] = broken[rule.name] ?? assert.fail(rule.name);
      const violating = changed(program, "KvmNode", "cp1", field, value);
      assert.deepEqual(found(rule, type, program, parameters).filter(isViolation), []);
      assert.notDeepEqual(found(rule, type, violating, parameters).filter(isViolation), []);
      for (const one of [program, violating, ...vague(program)])
        assert.deepEqual(found(rule, type, one, parameters), found(rule, kvmNode, one, parameters));
    });
  }
}

/** The program with a node about which something is known only after the update, or is nothing. */
function vague(program: readonly Described[]): (readonly Described[])[] {
  return ["site", "site.country", "address"].flatMap((field) =>
    [unknownValue, null, "nowhere"].map((value) => changed(program, "KvmNode", "cp1", field, value)),
  );
}

/** What a rule finds where nodes are of a type, in the names of a program with KvmNodes. */
function found(rule: Rule, type: string, program: readonly Described[], parameters: { today: string }): Finding[] {
  return judge(rule, asResources(withNodesOf(type, program)), parameters).map((finding) => ({
    ...finding,
    urn: finding.urn.replace(`::${type}::`, `::${kvmNode}::`),
  }));
}

test("a node of any type in Sweden violates the rules about countries, whatever else is in Norway", () => {
  for (const type of otherNodeTypes) {
    const rented = {
      type,
      name: "w1",
      properties: {
        site: {
          ...{ country: "SE", city: "Malmö", dataClass: "personal", supportCountries: ["SE"] },
          operator: { name: "Exempel Drift", country: "SE", parentCountry: "SE" },
        },
        address: "10.20.0.41",
      },
    };
    const said = complaints([...inOslo, rented]);
    const violated = said.match(/^RES-\d+/gm);
    const name = type.split(":").at(-1);
    assert.deepEqual([...new Set(violated)], ["RES-01", "RES-03", "RES-04"]);
    assert.match(said, new RegExp(`${name} w1, site\\.country: is SE, not allowed; allowed: NO`));
  }
});
