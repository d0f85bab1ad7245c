import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { rules } from "../../policies/residency/rules";
import { kvmNode, otherNodeTypes, withNodesOf } from "./node-types";
import { makePackUnderTest, type PackUnderTest, type Verdict } from "./packs";
import { everythingForbidden, forbidden } from "./residency-forbidden";
import { changed, inOslo, inStockholm } from "./residency-programs";

let pack: PackUnderTest;

before(async () => {
  pack = await makePackUnderTest("residency");
});

after(() => pack?.remove());

function messagesOf({ said }: Verdict, policy: string): string {
  return said
    .filter((one) => one.policy === policy)
    .map(({ message }) => message)
    .join("\n");
}

test("a program that keeps to every rule passes, and every rule had something to judge", async () => {
  const { code, said, output } = await pack.preview(inOslo);
  assert.equal(code, 0, output);
  assert.deepEqual(said, []);
});

test("every rule reports the change that violates it: where, what is allowed and what to do", async (t) => {
  const verdict = await pack.preview(everythingForbidden);
  assert.notEqual(verdict.code, 0);
  for (const { name, id, title } of rules) {
    await t.test(`${id} ${title}`, () => {
      const [, , , , says] = forbidden[name] ?? assert.fail(`${name} has no violating program`);
      assert.match(messagesOf(verdict, name), says);
      assert.ok(verdict.violations.some(({ policy }) => policy === name));
    });
  }
});

test("a program without records violates each rule that needs one", async () => {
  const verdict = await pack.preview([]);
  for (const { name } of rules.filter(({ ifNone }) => ifNone))
    assert.match(messagesOf(verdict, name), /unverifiable\. No/);
  assert.match(messagesOf(verdict, "coverage"), /RES-11 had nothing to judge.*StorageClass/);
});

test("a program in Sweden passes with the profile eea only", async () => {
  assert.notEqual((await pack.preview(inStockholm)).code, 0);
  const { code, output } = await pack.preview(inStockholm, { pack: { profile: "eea" } });
  assert.equal(code, 0, output);
});

test("the engine creates no node in a forbidden country, and policy analyze reports one that exists", async () => {
  const abroad = changed(inOslo, "KvmNode", "cp1", "site.country", "DE");
  const { code, steps } = await pack.up(abroad);
  assert.notEqual(code, 0);
  assert.ok(!steps.includes("create cp1"), steps.join());

  assert.equal((await pack.up(abroad, { all: "advisory" })).code, 0);
  const { violations } = await pack.analyze();
  assert.deepEqual(
    violations.map(({ policy }) => policy),
    ["node-location"],
  );
});

test("the engine refuses nodes in a forbidden country whatever their type is", async () => {
  const abroad = changed(inStockholm, "KvmNode", "cp1", "site.country", "US");
  const refused = ({ violations }: Verdict) =>
    violations.filter(({ urn }) => /::cp\d$/.test(urn)).map(({ policy, urn }) => `${policy} ${urn.split("::").at(-1)}`);
  const [usual = [], ...others] = [kvmNode, ...otherNodeTypes].map((type) => withNodesOf(type, abroad));
  const expected = refused(await pack.preview(usual)).sort();
  assert.deepEqual(
    [...new Set(expected.map((one) => one.split(" ")[0]))],
    ["node-location", "operator-jurisdiction", "support-access", "transfer-basis"],
  );
  for (const program of others) assert.deepEqual(refused(await pack.preview(program)).sort(), expected);
});

test("removing a Backup record violates RES-12", async () => {
  assert.equal((await pack.up(inOslo)).code, 0);
  const without = inOslo.filter(({ type }) => type !== "kjerne:residency:Backup");
  const verdict = await pack.preview(without);
  assert.match(
    messagesOf(verdict, "backup-location"),
    /Stack test-dev: unverifiable\. Nothing records where backups lie/,
  );
});

test("an unknown parameter violates POL-01, and a value that a parameter can't have stops the preview", async () => {
  const misspelled = await pack.preview(inOslo, { pack: { profil: "eea" } });
  assert.match(messagesOf(misspelled, "exceptions"), /POL-01 Parameter pack: Unrecognized key: "profil"/);
  const wrong = await pack.preview(inOslo, { pack: { profile: "europe" } });
  assert.notEqual(wrong.code, 0);
  assert.match(wrong.output, /validating policy config.*|pack: profile/s);
});
