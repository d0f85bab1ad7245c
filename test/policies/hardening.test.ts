import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { rules } from "../../policies/hardening/rules";
import { careless, hardened, secrets } from "./hardening-programs";
import { makePackUnderTest, type PackUnderTest, type Verdict } from "./packs";

let pack: PackUnderTest;
let bad: Verdict;

before(async () => {
  pack = await makePackUnderTest("hardening");
  bad = await pack.preview([...hardened, ...careless.map(({ resource }) => resource)]);
});

after(() => pack.remove());

test("what is pinned, encrypted, audited and confined passes", async () => {
  const { code, output, violations } = await pack.preview(hardened);
  assert.deepEqual(violations, [], output);
  assert.equal(code, 0, output);
});

test("what is wrong stops the run", () => assert.notEqual(bad.code, 0));

for (const { policy, says, resource } of careless) {
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
  const wrong = new Set(careless.map(({ resource }) => resource.name));
  const others = bad.violations.filter(({ urn }) => !wrong.has(urn.split("::").at(-1) ?? ""));
  assert.deepEqual(others, []);
});

test("every rule was seen to refuse something", () => {
  const refusing = new Set(bad.violations.map(({ policy }) => policy));
  const silent = rules.filter(({ name }) => !refusing.has(name));
  assert.deepEqual(silent, []);
});

test("no secret is repeated", () => {
  for (const secret of secrets) assert.ok(!bad.output.includes(secret), `${secret.slice(0, 4)}… is in the output`);
});
