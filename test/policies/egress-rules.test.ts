import assert from "node:assert/strict";
import { test } from "node:test";
import { egressAllowList } from "../../policies/network/egress";
import { find, states } from "./described";
import { defaults } from "./network-rules";
import { egress, object } from "./objects";
import { unknownValue } from "./packs";

test("egress that is not known can't be shown to be narrow", () => {
  for (const rule of [unknownValue, { to: unknownValue }, { to: [{ ipBlock: { cidr: unknownValue } }] }]) {
    assert.deepEqual(states(find(egressAllowList, [egress("late", rule as object)], defaults)), ["unverifiable"]);
  }
});

const ways: readonly [what: string, rule: object, state: string][] = [
  ["a block as wide as is allowed", { to: [{ ipBlock: { cidr: "10.0.0.0/8" } }] }, "shown"],
  ["a block that is wider", { to: [{ ipBlock: { cidr: "10.0.0.0/7" } }] }, "violated"],
  ["an IPv6 block as wide as is allowed", { to: [{ ipBlock: { cidr: "fd00::/16" } }] }, "shown"],
  ["an IPv6 block that is wider", { to: [{ ipBlock: { cidr: "fd00::/15" } }] }, "violated"],
  ["an address without a length", { to: [{ ipBlock: { cidr: "10.0.0.1" } }] }, "violated"],
  ["a block that is not known beside pods", { to: [{ podSelector: {} }, unknownValue] }, "unverifiable"],
  ["pods, and then everything", { to: [{ podSelector: {} }, { ipBlock: { cidr: "0.0.0.0/0" } }] }, "violated"],
];
for (const [what, rule, state] of ways) {
  test(`egress to ${what}: ${state}`, () => {
    assert.deepEqual(states(find(egressAllowList, [egress("out", rule)], defaults)), [state]);
  });
}

test("egress to pods opens nothing to the outside", () => {
  assert.deepEqual(find(egressAllowList, [egress("out", { to: [{ podSelector: {} }] })], defaults), []);
});

const calicoRules: readonly [rule: object, found: readonly string[]][] = [
  [{ action: "Deny" }, []],
  [{ action: "Pass" }, []],
  [{ action: "Log" }, []],
  [{ action: "Allow", destination: { selector: "app == 'a'" } }, []],
  [{ action: "Allow", destination: { namespaceSelector: "team == 'a'" } }, []],
  [{ action: "Allow", destination: { serviceAccounts: { names: ["a"] } } }, []],
  [{ action: "Allow", destination: { services: { name: "kubernetes" } } }, []],
  [{ action: "Allow", destination: { domains: ["backup.eksempel.no"] } }, []],
  [{ action: "Allow", destination: { nets: ["10.0.0.0/24"], selector: "all()" } }, ["shown"]],
  [{ action: "Allow", destination: { ports: [443] } }, ["violated"]],
  [{ action: "Allow" }, ["violated"]],
  [{ action: unknownValue }, ["unverifiable"]],
  [{ action: "Allow", destination: unknownValue }, ["unverifiable"]],
];
for (const [rule, found] of calicoRules) {
  test(`Calico's egress ${JSON.stringify(rule).replaceAll('"', "")}: ${found[0] ?? "opens nothing"}`, () => {
    const world = object("projectcalico.org/v3:NetworkPolicy", "p", { spec: { egress: [rule] } }, "shop");
    assert.deepEqual(states(find(egressAllowList, [world], defaults)), found);
  });
}
