import assert from "node:assert/strict";
import { test } from "node:test";
import { bottleneck } from "../../components/measure/bottleneck";
import type { Measured } from "../../components/measure/measured";
import { rules } from "../../components/measure/rules";
import { cp1, dns, etcd, faults, path } from "./report/faults";
import { healthy, healthyBut, readingOf } from "./report/recorded";

const named = ({ named }: ReturnType<typeof bottleneck>) => named.map(({ rule }) => rule);
test("a cluster without a bottleneck is told so", async () => {
  const found = bottleneck(await healthyBut((measured) => dns(measured, 300)));
  assert.deepEqual(named(found), []);
  assert.deepEqual(found.unanswered, []);
  assert.equal(found.answer, "None found.");
});

for (const [fault, rule, number, change] of faults) {
  test(`${fault} is named, with its number, and nothing else is`, async () => {
    const found = bottleneck(await healthyBut(change));
    assert.deepEqual(named(found), [rule]);
    assert.deepEqual(found.consequences, []);
    const [first] = found.named[0]?.evidence ?? [];
    assert.match(`${first?.where}: ${first?.found}`, number);
    assert.match(found.answer, number);
  });
}

test("every rule has a fault that it names", () => {
  assert.deepEqual([...new Set(faults.map(([, rule]) => rule))].sort(), rules.map(({ id }) => id).sort());
});

test("late fsyncs beside a CPU hog are its consequence, and a disk whose median is slow is a cause of its own", async () => {
  const hog = (measured: Measured) => Object.assign(readingOf(cp1(measured).processor), { stealPercent: 30 });
  const late = bottleneck(
    await healthyBut((measured) => {
      hog(measured);
      etcd(measured, 200, 8, 0.6, 28);
      dns(measured, 14_000);
    }),
  );
  assert.deepEqual(named(late), ["cpu-taken"]);
  assert.deepEqual(
    late.consequences.map(({ rule, explainedBy }) => [rule, explainedBy]),
    [
      ["etcd-disk", ["cpu-taken"]],
      ["slow-dns", ["cpu-taken"]],
    ],
  );
  const both = bottleneck(
    await healthyBut((measured) => {
      hog(measured);
      etcd(measured, 200, 180, 22, 63);
    }),
  );
  assert.deepEqual(named(both), ["cpu-taken", "etcd-disk"]);
});

test("one late fsync of few is chance, and three of 200 are", async () => {
  for (const [count, late] of [
    [30, 1],
    [200, 3],
  ] as const) {
    const found = bottleneck(await healthyBut((measured) => etcd(measured, count, late, 0.6, 400)));
    assert.deepEqual(named(found), [], `${late} of ${count}`);
  }
});

test("a few retransmits and a hog on a machine with room are nobody's bottleneck", async () => {
  const found = bottleneck(
    await healthyBut((measured) => {
      Object.assign(readingOf(path(measured).host), { segments: 1000, retransmits: 4 });
      Object.assign(cp1(measured), { container: true });
      const processor = readingOf(cp1(measured).processor);
      for (const sample of processor.samples) sample.busyPercent = 60;
      Object.assign(processor, { othersPercent: 50 });
    }),
  );
  assert.deepEqual(named(found), []);
});

test("what could not be measured is not answered, and never taken for fine", async () => {
  const found = bottleneck(
    await healthyBut((measured) => {
      const gone = { unreadable: "no route to host" };
      for (const node of measured.nodes)
        Object.assign(node, { processor: gone, conntrack: gone, nic: gone, routes: gone });
      for (const one of measured.paths) Object.assign(one, { host: gone, pod: gone, mtu: { value: 0 } });
      Object.assign(measured.etcd[0] as object, { walFsync: { value: null } });
    }),
  );
  assert.deepEqual(
    found.unanswered.map(({ rule }) => rule),
    rules.map(({ id }) => id),
  );
  assert.equal(found.answer, "None found. 7 of 7 questions could not be answered.");
});

test("every rule says where its limit comes from, what it can't tell and where to look", async () => {
  for (const rule of rules) {
    for (const key of ["title", "reads", "limit", "source", "cannotTell", "next"] as const) {
      assert.match(rule[key], /\S{2,} \S/, `${rule.id}: ${key}`);
    }
    for (const cause of rule.consequenceOf ?? [])
      assert.ok(
        rules.some(({ id }) => id === cause),
        `${rule.id}: ${cause}`,
      );
  }
  assert.ok(await healthy());
});
