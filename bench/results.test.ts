import assert from "node:assert/strict";
import { test } from "node:test";
import { printed } from "./printed";
import { judged, nullControl, type Result, resultShape } from "./result";
import { lowestTenth, medianInterval } from "./statistics";
import { targetsIn } from "./targets";

const verdict = (...args: Parameters<typeof judged>) => judged(...args).verdict;

test("a goal is met only by the worse end of the interval", () => {
  const interval = { low: 0.9, high: 1.2, from: "a test" };
  assert.equal(verdict("a", 1.0, { atMost: 1.2 }, { interval }), "met");
  assert.equal(verdict("a", 1.0, { atMost: 1.1 }, { interval }), "missed");
  assert.equal(verdict("a", 1.0, { atLeast: 0.9 }, { interval }), "met");
  assert.equal(verdict("a", 1.0, { atLeast: 1.0 }, { interval }), "missed");
  assert.equal(verdict("a", 1.0, { above: 0.9 }, { interval }), "missed");
});

test("an exact goal is met to the digits that it has", () => {
  assert.equal(verdict("a", 1.01352, { exactly: 1.014, digits: 3 }), "met");
  assert.equal(verdict("a", 1.01349, { exactly: 1.014, digits: 3 }), "missed");
  assert.equal(verdict("a", 1.0145, { exactly: 1.014, digits: 3 }), "missed");
});

test("a null control holds only within its bounds", () => {
  assert.equal(nullControl("a", 1.03, [0.97, 1.03]).held, true);
  assert.equal(nullControl("a", 1.031, [0.97, 1.03]).held, false);
});

test("the interval of a median is narrow where values agree, wide where they do not, and the same each time", () => {
  const of = (values: number[]) => medianInterval(values);
  const [steady, spread] = [of([1, 1.01, 0.99, 1, 1.01, 0.99, 1, 1]), of([0.5, 2, 1, 1.8, 0.6, 1.1, 1.9, 0.7])];
  assert.ok(steady.low >= 0.99 && steady.high <= 1.01, JSON.stringify(steady));
  assert.ok(spread.low < 0.8 && spread.high > 1.5, JSON.stringify(spread));
  assert.deepEqual(of([0.5, 2, 1, 1.8, 0.6, 1.1, 1.9, 0.7]), spread);
});

test("what is printed names value, goal, verdict, reason, null control and discarded rounds", () => {
  const result: Result = resultShape.parse({
    ...{
      benchmark: "a",
      title: "A",
      method: "m",
      at: "2026-11-26T12:00:00.000Z",
      seconds: 3,
      charts: [],
      measured: [],
    },
    machine: { processors: 2, model: "a processor", kernel: "6.1" },
    ratios: [judged("cost", 1.3, { atMost: 1.1 }, { note: "the engine is the floor" })],
    nullControls: [nullControl("itself", 1.5, [0.97, 1.03])],
    rounds: { kept: 9, discarded: 2, why: "stolen time" },
  });
  const text = printed(result);
  assert.match(text, /cost +1\.300 .*goal ≤ 1\.1: missed/);
  assert.match(text, /the engine is the floor/);
  assert.match(text, /itself +1\.500 +null control, NOT HELD: 0\.97 to 1\.03/);
  assert.match(text, /9 kept, 2 discarded \(stolen time\)/);
});

test("the Services whose cost is counted are the middle and the last that iptables tries, by protocol", () => {
  const rule = (at: number) =>
    `-A KUBE-SERVICES -d 10.96.1.${at}/32 -p ${at % 2 ? "tcp" : "udp"} -m comment --comment "c" --dport 80 -j KUBE-SVC-${at}`;
  const rules = [2, 5, 4, 3, 8, 7, 6, 1].map(rule).join("\n");
  assert.deepEqual(
    targetsIn(rules, 8, "10.244.0.0/16").map(({ position, protocol, address, endpoint }) => [
      position,
      protocol,
      address,
      endpoint,
    ]),
    [
      ["middle", "udp", "10.96.1.4", "10.244.1.4"],
      ["middle", "tcp", "10.96.1.3", "10.244.1.3"],
      ["last", "udp", "10.96.1.6", "10.244.1.6"],
      ["last", "tcp", "10.96.1.1", "10.244.1.1"],
    ],
  );
  assert.throws(() => targetsIn(rules, 9, "10.244.0.0/16"), /8 Services in rules for 9/);
});

test("what comes in between does not change a cost, nor does one flow that missed a part of it", () => {
  const flows = [...Array(40).fill(100), ...Array(50).fill(160), ...Array(9).fill(5000), 80];
  assert.equal(lowestTenth(flows), 100);
  assert.equal(lowestTenth([...flows, ...Array(20).fill(9000)]), 100);
});
