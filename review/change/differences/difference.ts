import { type Resource, unknown } from "../../../policies/rule";

/**
 * One kind of thing that a reviewer wants told, read from what a stack would make. What it reads is never secret: places,
 * names, addresses, a yes or no.
 */
export interface Difference {
  /** What it is about (`tor1`) → how it is (`with a password`). */
  read(resources: readonly Resource[]): ReadonlyMap<string, string>;
  /** A whole sentence about one of them that differs. A side that doesn't have it is undefined; nothing where another kind tells. */
  tell(about: string, before: string | undefined, after: string | undefined): string | undefined;
}

/** Sentences about everything that differs between two sides, in the order of the kinds. */
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
      .map((about) => kind.tell(about, before.get(about), after.get(about)))
      .filter((sentence) => sentence !== undefined);
  });
}

/** A fact that is there or not, by its name; `added` and `removed` make the sentence. */
export function present(
  read: (resources: readonly Resource[]) => readonly string[],
  added: (about: string) => string,
  removed: (about: string) => string,
): Difference {
  return {
    read: (resources) => new Map(read(resources).map((about) => [about, "there"])),
    tell: (about, before) => (before === undefined ? added(about) : removed(about)),
  };
}

export const ofType = (resources: readonly Resource[], ...types: readonly string[]) =>
  resources.filter(({ type }) => types.includes(type));

/** A value in a sentence. */
export function shown(value: unknown): string {
  if (value === unknown) return "something known only after the change";
  if (value === undefined || value === null) return "nothing";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
