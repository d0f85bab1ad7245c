import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { isViolation, message, type Rule } from "../../policies/rule";
import { find } from "./described";
import { makePackUnderTest, type PackUnderTest, unknownValue, type Verdict } from "./packs";
import type { Described } from "./programs/resources";

/** One thing that is wrong, and what is said about it. */
export interface Wrong {
  readonly policy: string;
  readonly says: RegExp;
  readonly resource: Described;
}

export const wrong = (policy: string, says: RegExp, resource: Described): Wrong => ({ policy, says, resource });

/** What a pack is tried with. */
export interface Trial<P> {
  readonly rules: readonly Rule<P>[];
  /** A program in which every rule has something to judge, and finds it right. */
  readonly right: readonly Described[];
  /** Wrong beside that program, all of it in one run. */
  readonly wrongs: readonly Wrong[];
}

const nameOf = ({ urn }: { urn: string }) => urn.split("::").at(-1) ?? "";
const namesOf = (wrongs: readonly Wrong[]) => [...new Set(wrongs.map(({ resource }) => resource.name))].sort();
const everything = ({ right, wrongs }: Trial<never>) => [...right, ...wrongs.map(({ resource }) => resource)];

/** Tests that the pack, run by the engine, passes what is right and refuses each wrong by its policy and no other. */
export function testInEngine(packName: string, trial: Trial<never>): { pack: PackUnderTest; refused: Verdict } {
  const run = {} as { pack: PackUnderTest; refused: Verdict };
  before(async () => {
    run.pack = await makePackUnderTest(packName);
    run.refused = await run.pack.preview(everything(trial));
  });
  after(() => run.pack?.remove());

  test("what is right passes", async () => {
    const { code, output, violations } = await run.pack.preview(trial.right);
    assert.deepEqual(violations, [], output);
    assert.equal(code, 0, output);
  });

  test("what is wrong stops the run", () => assert.notEqual(run.refused.code, 0));

  for (const { policy, says, resource } of trial.wrongs) {
    test(`${policy}: ${resource.name} is refused`, () => {
      const about = run.refused.violations.filter((violation) => nameOf(violation) === resource.name);
      assert.deepEqual([...new Set(about.map((violation) => violation.policy))], [policy]);
      assert.match(about.map(({ message }) => message).join("\n\n"), says);
    });
  }

  test("only what is wrong is refused", () => {
    assert.deepEqual([...new Set(run.refused.violations.map(nameOf))].sort(), namesOf(trial.wrongs));
  });

  test("every rule was seen to refuse something", () => {
    const refusing = new Set(run.refused.violations.map(({ policy }) => policy));
    assert.deepEqual(
      trial.rules.filter(({ name }) => !refusing.has(name)),
      [],
    );
  });
  return run;
}

/** Tests the same of the bare rules, and that they stand whatever nonsense they are given. */
export function testWithoutEngine<P>(trial: Trial<P>, parameters: P): void {
  const { right, wrongs } = trial;
  for (const rule of trial.rules) {
    test(`${rule.name} refuses what is wrong, and nothing else`, () => {
      assert.deepEqual(find(rule, right, parameters).filter(isViolation), []);
      const found = find(rule, everything(trial), parameters).filter(isViolation);
      const examples = wrongs.filter(({ policy }) => policy === rule.name);
      for (const { says, resource } of examples) {
        const about = found.filter((finding) => nameOf(finding) === resource.name);
        assert.match(about.map((finding) => message(rule, finding)).join("\n\n"), says);
      }
      assert.deepEqual([...new Set(found.map(nameOf))].sort(), namesOf(examples));
    });

    test(`${rule.name} does not break on what is malformed, and says what to do`, () => {
      for (const resource of everything(trial)) {
        for (const nonsense of ["text", 7, [], [unknownValue], { a: unknownValue }, null, unknownValue]) {
          const keys = Object.keys(resource.properties);
          const odd = { ...resource, properties: Object.fromEntries(keys.map((key) => [key, nonsense])) };
          for (const { reason, state, wayOut } of find(rule, [odd], parameters)) {
            assert.doesNotMatch(reason ?? "", /The rule broke/, resource.name);
            if (state !== "shown") assert.ok(wayOut, resource.name);
          }
        }
      }
    });
  }
}
