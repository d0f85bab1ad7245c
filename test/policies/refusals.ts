import assert from "node:assert/strict";
import { test } from "node:test";
import { isViolation, message, type Rule } from "../../policies/rule";
import { find, unknownValue } from "./described";
import type { Described } from "./programs/resources";

/** A resource that violates one rule, and the message about it. */
export interface Wrong {
  readonly policy: string;
  readonly says: RegExp;
  readonly resource: Described;
}

export const wrong = (policy: string, says: RegExp, resource: Described): Wrong => ({ policy, says, resource });

/** Examples for all rules of a pack. */
export interface Trial<P> {
  readonly rules: readonly Rule<P>[];
  /** A program that keeps to every rule and gives each something to judge. */
  readonly right: readonly Described[];
  /** Resources that violate rules, added to that program all at once. */
  readonly wrongs: readonly Wrong[];
}

export const nameOf = ({ urn }: { urn: string }) => urn.split("::").at(-1) ?? "";
export const namesOf = (wrongs: readonly Wrong[]) => [...new Set(wrongs.map(({ resource }) => resource.name))].sort();
/** The right program and all wrongs. */
export const everything = ({ right, wrongs }: Trial<never>) => [...right, ...wrongs.map(({ resource }) => resource)];

/** Tests the same without the engine, and that rules throw no error whatever the properties are. */
export function testWithoutEngine<P>(trial: Trial<P>, parameters: P): void {
  const { right, wrongs } = trial;
  for (const rule of trial.rules) {
    test(`${rule.id} ${rule.name} rejects the resources that violate it, and no others`, () => {
      assert.deepEqual(find(rule, right, parameters).filter(isViolation), []);
      const found = find(rule, everything(trial), parameters).filter(isViolation);
      const examples = wrongs.filter(({ policy }) => policy === rule.name);
      for (const { says, resource } of examples) {
        const about = found.filter((finding) => nameOf(finding) === resource.name);
        assert.match(about.map((finding) => message(rule, finding)).join("\n\n"), says);
      }
      assert.deepEqual([...new Set(found.map(nameOf))].sort(), namesOf(examples));
    });

    test(`${rule.id} ${rule.name} throws no error on malformed properties, and says what to do`, () => {
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
