import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { rules } from "../../policies/network/rules";
import { misrouted, routed } from "./network-programs";
import { makePackUnderTest, type PackUnderTest, type Verdict } from "./packs";

let pack: PackUnderTest;
let bad: Verdict;

before(async () => {
  pack = await makePackUnderTest("network");
  bad = await pack.preview([...routed, ...misrouted.map(({ resource }) => resource)]);
});

after(() => pack.remove());

test("what is routed as it is, filtered, authenticated and denied by default passes", async () => {
  const { code, output, violations } = await pack.preview(routed);
  assert.deepEqual(violations, [], output);
  assert.equal(code, 0, output);
});

test("IPVS on a release that has it passes with a warning of its end", async () => {
  const { said } = await pack.preview(routed);
  const warnings = said.filter(({ policy }) => policy === "proxy-mode");
  assert.deepEqual(new Set(warnings.map(({ level }) => level)), new Set(["advisory"]));
  assert.match(warnings[0]?.message ?? "", /deprecated since Kubernetes 1\.35 and gone in 1\.43.*nftables/s);
});

test("after a change the state is judged alike", async () => {
  const { code, output } = await pack.up(routed);
  assert.equal(code, 0, output);
  const { violations, said } = await pack.analyze();
  assert.deepEqual(violations, []);
  assert.ok(
    said.some(({ policy }) => policy === "proxy-mode"),
    "the warning is told again",
  );
});

test("what is wrong stops the run", () => assert.notEqual(bad.code, 0));

for (const { policy, says, resource } of misrouted) {
  test(`${policy}: ${resource.name} is refused`, () => {
    const about = bad.violations.filter(({ urn }) => urn.endsWith(`::${resource.name}`));
    assert.deepEqual([...new Set(about.map((violation) => violation.policy))], [policy]);
    assert.ok(
      about.some(({ message }) => says.test(message)),
      about.map(({ message }) => message).join("\n"),
    );
  });
}

test("only what is wrong is refused", () => {
  const wrong = new Set(misrouted.map(({ resource }) => resource.name));
  const others = bad.violations.filter(({ urn }) => !wrong.has(urn.split("::").at(-1) ?? ""));
  assert.deepEqual(others, []);
});

test("every rule was seen to refuse something", () => {
  const refusing = new Set(bad.violations.map(({ policy }) => policy));
  const silent = rules.filter(({ name }) => !refusing.has(name));
  assert.deepEqual(silent, []);
});
