import assert from "node:assert/strict";
import { test } from "node:test";
import { find, states } from "./described";
import { defaults, ruleOf } from "./network-rules";
import { calico, object, peer } from "./objects";
import { unknownValue } from "./packs";

const secretKeyRef = { name: "bgp", key: "password" };
const passwords: readonly [what: string, password: unknown, state: string][] = [
  ["no key of the Secret", { secretKeyRef: { name: "bgp" } }, "violated"],
  ["an empty name", { secretKeyRef: { name: "", key: "password" } }, "violated"],
  ["a name that is not known", { secretKeyRef: { name: unknownValue, key: "password" } }, "unverifiable"],
  ["a Secret and its key", { secretKeyRef }, "shown"],
];
for (const [what, password, state] of passwords) {
  test(`a peer's password with ${what}: ${state}`, () => {
    assert.deepEqual(states(find(ruleOf("bgp-password"), [peer("p", { password })], defaults)), [state]);
  });
}

const filter = (name: string, spec: object) => object(`${calico}:BGPFilter`, name, { spec });
const both = (rule: unknown, family = "V4") => ({ [`import${family}`]: [rule], [`export${family}`]: [rule] });
const notIn = { cidr: "10.244.0.0/16", matchOperator: "NotIn", action: "Reject" };
const filters: readonly [what: string, address: string, names: unknown, spec: object, state: string][] = [
  ["what is not in the pods' network rejected", "10.0.0.1:179", ["f"], both(notIn), "shown"],
  ["everything rejected at the end", "10.0.0.1", ["f"], both({ action: "Reject" }), "shown"],
  ["IPv6 rejected to an IPv6 router", "[2001:db8::1]:179", ["f"], both({ ...notIn, cidr: "fd00::/48" }, "V6"), "shown"],
  ["IPv4 rejected to an IPv6 router", "2001:db8::1", ["f"], both(notIn), "violated"],
  ["one that rejects and one that is not known", "10.0.0.1", ["f", unknownValue], both(notIn), "shown"],
  ["what is in the pods' network rejected", "10.0.0.1", ["f"], both({ ...notIn, matchOperator: "In" }), "violated"],
  ["nothing rejected", "10.0.0.1", ["f"], both({ ...notIn, cidr: "0.0.0.0/0" }), "violated"],
  ["accepted instead", "10.0.0.1", ["f"], both({ ...notIn, action: "Accept" }), "violated"],
  ["rejected from one source only", "10.0.0.1", ["f"], both({ ...notIn, source: "RemotePeers" }), "violated"],
  ["rejected on one interface only", "10.0.0.1", ["f"], both({ ...notIn, interface: "eth0" }), "violated"],
  ["rejected in one length only", "10.0.0.1", ["f"], both({ ...notIn, prefixLength: { min: 32 } }), "violated"],
  ["a rule that is not known", "10.0.0.1", ["f"], both(unknownValue), "unverifiable"],
  ["a name that is not known", "10.0.0.1", [unknownValue], both(notIn), "unverifiable"],
  ["a filter that is elsewhere", "10.0.0.1", ["g"], both(notIn), "unverifiable"],
  ["a filter here that rejects nothing, and one elsewhere", "10.0.0.1", ["f", "g"], {}, "unverifiable"],
];
for (const [what, peerIP, names, spec, state] of filters) {
  test(`a router's filters with ${what}: ${state}`, () => {
    const program = [filter("f", spec), filter("not-named", both(notIn)), peer("p", { peerIP, filters: names })];
    assert.deepEqual(states(find(ruleOf("bgp-filters"), program, defaults)), [state]);
  });
}

test("each direction says what an open one lets happen", () => {
  const [imported, exported] = find(ruleOf("bgp-filters"), [peer("p", { filters: [] })], defaults);
  assert.match(`${imported?.field}: ${imported?.reason}`, /import.*: The router can tell nodes any route/);
  assert.match(`${exported?.field}: ${exported?.reason}`, /export.*: The nodes can announce any route/);
});

test("a peer chosen by selector is a node of the cluster and needs no filter", () => {
  const reflector = object(`${calico}:BGPPeer`, "reflector", { spec: { peerSelector: "route-reflector == 'true'" } });
  assert.deepEqual(find(ruleOf("bgp-filters"), [reflector], defaults), []);
});
