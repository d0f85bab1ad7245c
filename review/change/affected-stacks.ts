import type { Side } from "./checkout";

/**
 * What no program runs. Any other file could be part of the program: the project file says where that begins, and it may
 * import whatever it likes.
 */
const beside = [/^(docs|test|bench|\.github|\.ci)\//, /^LICENSE$/, /\.md$/];

/** Names of the stacks that a change affects: all if the program could have changed, else those whose settings did. */
export function affectedStacks(files: readonly string[], base: Side, head: Side): string[] {
  const all = [...new Set([...base.stacks.keys(), ...head.stacks.keys()])].sort();
  const settings = (name: string) => head.stacks.get(name) ?? base.stacks.get(name) ?? "";
  const others = files.filter((file) => !all.some((name) => settings(name) === file));
  if (others.some((file) => !beside.some((pattern) => pattern.test(file)))) return all;
  return all.filter((name) => files.includes(settings(name)));
}
