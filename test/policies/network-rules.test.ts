import assert from "node:assert/strict";
import { test } from "node:test";
import { parameters } from "../../policies/network/parameters";
import { rules } from "../../policies/network/rules";
import { isViolation } from "../../policies/rule";
import { find, unknownValue } from "./described";
import { misrouted, routed } from "./network-programs";
import { defaults } from "./network-rules";
import type { Described } from "./programs/resources";
import { testWithoutEngine } from "./refusals";

const named = (name: string) => routed.find((resource) => resource.name === name) as Described;

testWithoutEngine({ rules, right: routed, wrongs: misrouted }, defaults);

test("an unknown value is a violation for each rule of the network pack", () => {
  for (const { policy: name, resource } of misrouted) {
    const rule = rules.find((candidate) => candidate.name === name) as (typeof rules)[number];
    for (const part of ["spec", "data", "mode", "strictArp"].filter((key) => key in resource.properties)) {
      const late = { ...resource, properties: { ...resource.properties, [part]: unknownValue } };
      const others = name === "strict-arp" || name === "proxy-mode" ? [named("default"), named("proxy-apply")] : [];
      const about = find(rule, [...others, late], defaults).filter(({ urn }) => urn.endsWith(`::${resource.name}`));
      assert.ok(about.some(isViolation), `${name} of ${resource.name}, ${part}`);
    }
  }
});

test("the parameter proxyModes takes minor releases only", () => {
  const accepted = (from: string) => parameters.safeParse({ proxyModes: { ipvs: { from } } }).success;
  assert.deepEqual(["1.36", "v1.36", "1.36.1"].map(accepted), [true, false, false]);
});
