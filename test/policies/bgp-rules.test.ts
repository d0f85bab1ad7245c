import assert from "node:assert/strict";
import { test } from "node:test";
import { find, outcome, states, unknownValue } from "./described";
import { defaults, ruleOf } from "./network-rules";
import { calico, object, peer } from "./objects";

const secretKeyRef = { name: "bgp", key: "password" };
const passwords: readonly [what: string, password: unknown, state: string][] = [
  ["names a Secret without a key", { secretKeyRef: { name: "bgp" } }, "violated"],
  ["names a Secret by an empty name", { secretKeyRef: { name: "", key: "password" } }, "violated"],
  ["names a Secret by an unknown name", { secretKeyRef: { name: unknownValue, key: "password" } }, "unverifiable"],
  ["names a Secret and its key", { secretKeyRef }, "shown"],
];
for (const [what, password, state] of passwords) {
  test(`a BGPPeer whose password ${what} ${outcome("NET-02", state)}`, () => {
    assert.deepEqual(states(find(ruleOf("bgp-password"), [peer("p", { password })], defaults)), [state]);
  });
}

const filter = (name: string, spec: object) => object(`${calico}:BGPFilter`, name, { spec });
const both = (rule: unknown, family = "V4") => ({ [`import${family}`]: [rule], [`export${family}`]: [rule] });
const notIn = { cidr: "10.244.0.0/16", matchOperator: "NotIn", action: "Reject" };
const filters: readonly [what: string, address: string, names: unknown, spec: object, state: string][] = [
  ["a filter that rejects all but the pod network", "10.0.0.1:179", ["f"], both(notIn), "shown"],
  ["a filter that rejects everything else", "10.0.0.1", ["f"], both({ action: "Reject" }), "shown"],
  [
    "an IPv6 address and a filter of IPv6 routes",
    "[2001:db8::1]:179",
    ["f"],
    both({ ...notIn, cidr: "fd00::/48" }, "V6"),
    "shown",
  ],
  ["an IPv6 address and a filter of IPv4 routes only", "2001:db8::1", ["f"], both(notIn), "violated"],
  ["a filter that rejects and one of unknown name", "10.0.0.1", ["f", unknownValue], both(notIn), "shown"],
  [
    "a filter that rejects the pod network instead of all others",
    "10.0.0.1",
    ["f"],
    both({ ...notIn, matchOperator: "In" }),
    "violated",
  ],
  ["a filter that rejects nothing", "10.0.0.1", ["f"], both({ ...notIn, cidr: "0.0.0.0/0" }), "violated"],
  [
    "a filter that accepts all but the pod network",
    "10.0.0.1",
    ["f"],
    both({ ...notIn, action: "Accept" }),
    "violated",
  ],
  [
    "a filter that rejects routes of one source only",
    "10.0.0.1",
    ["f"],
    both({ ...notIn, source: "RemotePeers" }),
    "violated",
  ],
  [
    "a filter that rejects routes on one interface only",
    "10.0.0.1",
    ["f"],
    both({ ...notIn, interface: "eth0" }),
    "violated",
  ],
  [
    "a filter that rejects routes of one prefix length only",
    "10.0.0.1",
    ["f"],
    both({ ...notIn, prefixLength: { min: 32 } }),
    "violated",
  ],
  ["a filter whose rule is unknown", "10.0.0.1", ["f"], both(unknownValue), "unverifiable"],
  ["a filter of unknown name", "10.0.0.1", [unknownValue], both(notIn), "unverifiable"],
  ["a filter that is not in the program", "10.0.0.1", ["g"], both(notIn), "unverifiable"],
  ["a filter that rejects nothing and one that is not in the program", "10.0.0.1", ["f", "g"], {}, "unverifiable"],
];
for (const [what, peerIP, names, spec, state] of filters) {
  test(`a BGPPeer with ${what} ${outcome("NET-03", state)}`, () => {
    const program = [filter("f", spec), filter("not-named", both(notIn)), peer("p", { peerIP, filters: names })];
    assert.deepEqual(states(find(ruleOf("bgp-filters"), program, defaults)), [state]);
  });
}

test("NET-03 says for each direction what a router or the nodes could do", () => {
  const [imported, exported] = find(ruleOf("bgp-filters"), [peer("p", { filters: [] })], defaults);
  assert.match(`${imported?.field}: ${imported?.reason}`, /import.*: The router can tell nodes any route/);
  assert.match(`${exported?.field}: ${exported?.reason}`, /export.*: The nodes can announce any route/);
});

test("NET-03 does not judge a BGPPeer with a selector, which is another node of the cluster", () => {
  const reflector = object(`${calico}:BGPPeer`, "reflector", { spec: { peerSelector: "route-reflector == 'true'" } });
  assert.deepEqual(find(ruleOf("bgp-filters"), [reflector], defaults), []);
});
