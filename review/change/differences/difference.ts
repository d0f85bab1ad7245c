import { type Resource, unknown } from "../../../policies/rule";

/**
 * One kind of difference between base and head that a reviewer wants to know, read from the resources that a stack
 * would make. It reads nothing that can be secret: places, names, addresses, a yes or no.
 */
export interface Difference {
  /** Key (`tor1`) → value (`with a password`). */
  read(resources: readonly Resource[]): ReadonlyMap<string, string>;
  /**
   * The sentence for one key whose value differs. `before` or `after` is undefined on the side without the key.
   *
   * @returns undefined if another kind reports this change
   */
  describe(about: string, before: string | undefined, after: string | undefined): string | undefined;
}

/** A sentence for each key that differs between two sides, in the order of the kinds. */
export function differenceSentences(
  kinds: readonly Difference[],
  base: readonly Resource[],
  head: readonly Resource[],
): readonly string[] {
  return kinds.flatMap((kind) => {
    const [before, after] = [kind.read(base), kind.read(head)];
    return [...new Set([...before.keys(), ...after.keys()])]
      .sort()
      .filter((about) => before.get(about) !== after.get(about))
      .map((about) => kind.describe(about, before.get(about), after.get(about)))
      .filter((sentence) => sentence !== undefined);
  });
}

/** A kind whose keys are there or not: `added` and `removed` make the sentence. */
export function present(
  read: (resources: readonly Resource[]) => readonly string[],
  added: (about: string) => string,
  removed: (about: string) => string,
): Difference {
  return {
    read: (resources) => new Map(read(resources).map((about) => [about, "there"])),
    describe: (about, before) => (before === undefined ? added(about) : removed(about)),
  };
}

export const ofType = (resources: readonly Resource[], ...types: readonly string[]) =>
  resources.filter(({ type }) => types.includes(type));

/** A value as words of a sentence. */
export function shown(value: unknown): string {
  if (value === unknown) return "something known only after the change";
  if (value === undefined || value === null) return "nothing";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
