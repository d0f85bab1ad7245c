import assert from "node:assert/strict";
import { test } from "node:test";
import { egressAllowList } from "../../policies/network/egress";
import { find, outcome, states, unknownValue } from "./described";
import { defaults } from "./network-rules";
import { egress, object } from "./objects";

test("unknown egress is unverifiable for NET-05", () => {
  for (const rule of [unknownValue, { to: unknownValue }, { to: [{ ipBlock: { cidr: unknownValue } }] }]) {
    assert.deepEqual(states(find(egressAllowList, [egress("late", rule as object)], defaults)), ["unverifiable"]);
  }
});

const ways: readonly [what: string, rule: object, state: string][] = [
  ["an IPv4 block of the widest allowed size", { to: [{ ipBlock: { cidr: "10.0.0.0/8" } }] }, "shown"],
  ["a wider IPv4 block", { to: [{ ipBlock: { cidr: "10.0.0.0/7" } }] }, "violated"],
  ["an IPv6 block of the widest allowed size", { to: [{ ipBlock: { cidr: "fd00::/16" } }] }, "shown"],
  ["a wider IPv6 block", { to: [{ ipBlock: { cidr: "fd00::/15" } }] }, "violated"],
  ["an address without a prefix length", { to: [{ ipBlock: { cidr: "10.0.0.1" } }] }, "violated"],
  ["pods and an unknown block", { to: [{ podSelector: {} }, unknownValue] }, "unverifiable"],
  ["pods and 0.0.0.0/0", { to: [{ podSelector: {} }, { ipBlock: { cidr: "0.0.0.0/0" } }] }, "violated"],
];
for (const [what, rule, state] of ways) {
  test(`egress to ${what} ${outcome("NET-05", state)}`, () => {
    assert.deepEqual(states(find(egressAllowList, [egress("out", rule)], defaults)), [state]);
  });
}

test("egress to pods only is not judged by NET-05", () => {
  assert.deepEqual(find(egressAllowList, [egress("out", { to: [{ podSelector: {} }] })], defaults), []);
});

const calicoRules: readonly [rule: object, found: readonly string[]][] = [
  [{ action: "Deny" }, []],
  [{ action: "Pass" }, ["violated"]],
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
  const inWords = JSON.stringify(rule).replaceAll('"', "").replaceAll(unknownValue, "unknown");
  test(`Calico egress ${inWords} ${outcome("NET-05", found[0])}`, () => {
    const world = object("projectcalico.org/v3:NetworkPolicy", "p", { spec: { egress: [rule] } }, "shop");
    assert.deepEqual(states(find(egressAllowList, [world], defaults)), found);
  });
}
