import assert from "node:assert/strict";
import { test } from "node:test";
import { stringify } from "yaml";
import { type Exception, exceptionFor, parseExceptions, wrongExceptions } from "../../policies/exceptions";
import type { Finding } from "../../policies/rule";

const today = "2026-11-20";
const dated: Exception = {
  rule: "RES-12",
  stack: "dev",
  resource: "Backup etcd",
  field: "country",
  owner: "Head of storage",
  justification: "The store in Oslo is being moved; this copy is deleted when it is back.",
  until: "2026-12-31",
};
const finding = (urn: string, field = "country"): Finding => ({ urn, field, state: "violated" });

function wrong(change: Partial<Exception>, covers: readonly Finding[] = [finding("u")]): string[] {
  const one = { ...dated, ...change };
  return wrongExceptions([one], new Map([[one, covers]]), ["RES-12", "RES-13"], "dev", today);
}

test("an exception of this pack and stack is reported if it is too wide, too long or for no known rule", () => {
  assert.deepEqual(wrong({}), []);
  for (const change of [{ rule: "RES-*" }, { resource: "Backup *" }, { field: "*" }]) {
    assert.match(wrong(change).join(), /is too wide: it names no single rule, resource and field/);
  }
  assert.match(
    wrong({ field: undefined }, [finding("u"), finding("u", "store")]).join(),
    /too wide: it covers 2 findings/,
  );
  assert.deepEqual(wrong({ field: undefined }, [finding("u"), finding("u")]), [], "the same finding twice is one");
  assert.match(wrong({ until: "2027-05-20" }).join(), /2027-05-20 is more than 180 days ahead/);
  assert.deepEqual(wrong({ until: "2027-05-19" }), []);
  assert.deepEqual(wrong({ until: today }), [], "the last day counts");
  assert.match(wrong({ rule: "RES-99" }).join(), /names a rule that does not exist/);
  assert.deepEqual(wrong({ rule: "NET-01" }, []), []);
  assert.deepEqual(wrong({ stack: "prod" }, []), []);
});

test("two resources of one kind and name are excepted by their URNs", () => {
  const [one, other] = ["shop", "bank"].map(
    (parent) => `urn:pulumi:dev::test::acme:${parent}$kjerne:residency:Backup::etcd`,
  );
  const both = [finding(one as string), finding(other as string)];
  assert.match(wrong({}, both).join(), /covers 2 findings\. Write one for each, with the URN as its resource\./);
  const exceptions = [{ ...dated, resource: one as string }];
  assert.deepEqual(
    both.map((found) => exceptionFor(exceptions, "RES-12", found, today) !== undefined),
    [true, false],
  );
  assert.deepEqual(wrong({ resource: one as string }, both.slice(0, 1)), []);
});

test("an exception needs a real justification and a day, and has no unknown fields", () => {
  assert.throws(
    () => parseExceptions(stringify({ exceptions: [{ ...dated, justification: "because" }] })),
    /says too little/,
  );
  for (const rule of ["res-12", "RES12", "FOO", ""])
    assert.throws(() => parseExceptions(stringify({ exceptions: [{ ...dated, rule }] })), /is no rule's id such as/);
  assert.throws(() => parseExceptions(stringify({ exceptions: [{ ...dated, until: "soon" }] })), /is not a day/);
  assert.throws(() => parseExceptions(stringify({ exceptions: [{ ...dated, approved: true }] })), /approved/);
  assert.deepEqual(parseExceptions(""), []);
});

test("an exception covers one rule, stack, resource and field until its last day, and nothing else", () => {
  const urn = "urn:pulumi:dev::test::kjerne:residency:Backup::etcd";
  const covers = (change: Partial<Exception>, found = finding(urn)) =>
    exceptionFor([{ ...dated, ...change }], "RES-12", found, today) !== undefined;
  assert.ok(covers({}) && covers({ until: today }) && covers({ field: undefined }));
  const others = [{ rule: "RES-13" }, { stack: "prod" }, { resource: "Backup volumes" }, { field: "store" }];
  for (const change of [...others, { until: "2026-11-19" }]) assert.ok(!covers(change), JSON.stringify(change));
  assert.ok(!covers({}, finding(urn.replace("dev", "prod"))));
  assert.ok(!covers({}, finding(urn.replace("etcd", "etcd2"))));
});

test("the message about an ended or unused exception names its field and its owner", () => {
  const what = "The exception from RES-12 for Backup etcd";
  const ended = "ended on 2026-11-19. Remove what it excused, or have its owner decide anew.";
  assert.deepEqual(wrong({ until: "2026-11-19" }), [`${what}, country, (owner: Head of storage) ${ended}`]);
  const unused = [`${what} (owner: Head of storage) is not used any more. Delete it.`];
  assert.deepEqual(wrong({ field: undefined }, []), unused);
});
