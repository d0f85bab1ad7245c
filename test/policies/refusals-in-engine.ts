import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { makePackUnderTest, type PackUnderTest, type Verdict } from "./packs";
import { everything, nameOf, namesOf, type Trial } from "./refusals";

/**
 * Runs a pack in the engine. Tests that the right program passes, and that each wrong resource is rejected by its
 * policy and no other.
 */
export function testInEngine(packName: string, trial: Trial<never>): { pack: PackUnderTest; refused: Verdict } {
  const run = {} as { pack: PackUnderTest; refused: Verdict };
  before(async () => {
    run.pack = await makePackUnderTest(packName);
    run.refused = await run.pack.preview(everything(trial));
  });
  after(() => run.pack?.remove());

  test("a program that keeps to every rule passes", async () => {
    const { code, output, violations } = await run.pack.preview(trial.right);
    assert.deepEqual(violations, [], output);
    assert.equal(code, 0, output);
  });

  test("violations stop the preview", () => assert.notEqual(run.refused.code, 0));

  for (const { policy, says, resource } of trial.wrongs) {
    test(`the policy ${policy}, and no other, rejects ${resource.name}`, () => {
      const about = run.refused.violations.filter((violation) => nameOf(violation) === resource.name);
      assert.deepEqual([...new Set(about.map((violation) => violation.policy))], [policy]);
      assert.match(about.map(({ message }) => message).join("\n\n"), says);
    });
  }

  test("no other resource is rejected", () => {
    assert.deepEqual([...new Set(run.refused.violations.map(nameOf))].sort(), namesOf(trial.wrongs));
  });

  test("each rule rejects at least one resource", () => {
    const refusing = new Set(run.refused.violations.map(({ policy }) => policy));
    assert.deepEqual(
      trial.rules.filter(({ name }) => !refusing.has(name)),
      [],
    );
  });
  return run;
}
