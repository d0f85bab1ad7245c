import assert from "node:assert/strict";
import { test } from "node:test";
import { rules } from "../../policies/network/rules";
import { isViolation, message } from "../../policies/rule";
import { find } from "./described";
import { misrouted, routed } from "./network-programs";
import { defaults } from "./network-rules";
import { unknownValue } from "./packs";
import type { Described } from "./programs/resources";

const _ruleOf = (name: string) => rules.find((rule) => rule.name === name) as (typeof rules)[number];
const named = (name: string) => routed.find((resource) => resource.name === name) as Described;

test("the engine's examples are judged alike without an engine", () => {
  for (const rule of rules) {
    assert.deepEqual(find(rule, routed, defaults).filter(isViolation), [], rule.name);
    const program = [...routed, ...misrouted.map(({ resource }) => resource)];
    const wrong = find(rule, program, defaults).filter(isViolation);
    for (const { policy, says, resource } of misrouted.filter((example) => example.policy === rule.name)) {
      const about = wrong.filter(({ urn }) => urn.endsWith(`::${resource.name}`));
      assert.ok(
        about.some((finding) => says.test(message(rule, finding))),
        `${policy}: ${resource.name}`,
      );
    }
    const names = misrouted.filter((example) => example.policy === rule.name).map(({ resource }) => resource.name);
    assert.deepEqual([...new Set(wrong.map(({ urn }) => urn.split("::").at(-1)))].sort(), [...new Set(names)].sort());
  }
});

test("a value that is not known is never a pass", () => {
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

test("every finding of a rule states its way out, and never throws on what is malformed", () => {
  for (const rule of rules) {
    for (const { resource } of misrouted) {
      for (const nonsense of ["text", 7, [], [unknownValue], { a: unknownValue }, null]) {
        const keys = Object.keys(resource.properties);
        const odd = { ...resource, properties: Object.fromEntries(keys.map((key) => [key, nonsense])) };
        for (const finding of find(rule, [odd], defaults)) {
          assert.doesNotMatch(finding.reason ?? "", /The rule broke/, `${rule.name} on ${resource.name}`);
          if (finding.state !== "shown") assert.ok(finding.wayOut, `${rule.name} on ${resource.name}`);
        }
      }
    }
  }
});
