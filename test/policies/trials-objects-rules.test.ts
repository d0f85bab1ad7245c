import assert from "node:assert/strict";
import { test } from "node:test";
import { packs } from "../../policies/all";
import { judge } from "../../policies/judge";
import { isViolation } from "../../policies/rule";
import { asResources } from "./described";
import { container, egress, object, policy, workload } from "./objects";
import type { Described } from "./programs/resources";
import { refused } from "./trials-objects";

const everyRule = Object.values(packs).flatMap(({ rules, parameters }) =>
  rules.map((rule) => ({ rule, parameters: { ...parameters.parse({}), today: "2026-11-20" } })),
);

/** What one rule has against a program. */
function against(id: string, program: readonly Described[]) {
  const { rule, parameters } = everyRule.find((one) => one.rule.id === id) ?? assert.fail(id);
  return judge(rule, asResources(program), parameters).filter(isViolation);
}

for (const [id, what, described] of refused) {
  test(`${id} refuses ${what}`, () => {
    const found = against(id, [described]).filter(({ urn }) => urn.endsWith(`::${described.name}`));
    assert.notDeepEqual(found, []);
    for (const { wayOut } of found) assert.ok(wayOut);
  });
}

test("NET-04 refuses a policy that lets everybody in to all pods, beside default deny", () => {
  const deny = policy("deny", "shop", { podSelector: {}, policyTypes: ["Ingress", "Egress"] });
  const open = policy("open", "shop", { podSelector: {}, policyTypes: ["Ingress"], ingress: [{}] });
  const namespace = object("core/v1:Namespace", "shop", {});
  assert.deepEqual(against("NET-04", [namespace, deny]), []);
  assert.notDeepEqual(against("NET-04", [namespace, deny, open]), []);
});

test("NET-05 counts the blocks of all policies together, and what two of them name once", () => {
  const to = (name: string, cidr: string) => egress(name, { to: [{ ipBlock: { cidr } }] });
  assert.deepEqual(against("NET-05", [to("a", "3.0.0.0/16"), to("b", "3.0.0.0/16"), to("c", "3.0.1.0/24")]), []);
  const found = against("NET-05", [to("a", "3.0.0.0/16"), to("b", "3.1.0.0/16"), to("c", "10.0.0.0/8")]);
  assert.match(found[0]?.read ?? "", /131072 addresses/);
});

test("RES-18 does not believe that a mirror serves a registry for which nodes have none", () => {
  const operator = { name: "Eksempel", country: "NO", parentCountry: "NO" };
  const host = { host: "mirror.eksempel.no", country: "NO", operator, serves: ["docker.io/acme"] };
  const record = { type: "kjerne:residency:Endpoints", name: "registry", properties: { hosts: [host] } };
  const image = workload("p", "shop", container({ image: "docker.io/acme/shop:1" }));
  const base = (registry: string): Described => ({
    ...{ type: "kjerne:cluster:NodeBase", name: "base" },
    properties: { mirrors: [{ registry, mirror: "https://mirror.eksempel.no" }] },
  });
  assert.deepEqual(against("RES-18", [record, image, base("docker.io")]), []);
  assert.match(
    against("RES-18", [record, image, base("registry.k8s.io")])[0]?.reason ?? "",
    /no mirror for docker\.io/,
  );
});
