import { git, type Side } from "./checkout";

/** Files of the program that every stack runs. A change to other files affects no stack, except its settings. */
const program = [
  /^(stacks|components|node-config|policies)\//,
  /^(versions\.yaml|Pulumi\.yaml|package(-lock)?\.json|tsconfig\.json)$/,
];

/** Paths that differ between `commit` and the checkout, files included that are not committed yet. */
export async function changedFiles(repository: string, commit: string): Promise<string[]> {
  const [differ, untracked] = await Promise.all([
    git(repository, "diff", "--name-only", "--no-renames", commit),
    git(repository, "ls-files", "--others", "--exclude-standard"),
  ]);
  return [...new Set([...differ.split("\n"), ...untracked.split("\n")].filter(Boolean))].sort();
}

/** Names of the stacks that a change affects: all if the program changed, else those whose settings did. */
export function affectedStacks(files: readonly string[], base: Side, head: Side): string[] {
  const all = [...new Set([...base.stacks.keys(), ...head.stacks.keys()])].sort();
  const settings = (name: string) => head.stacks.get(name) ?? base.stacks.get(name) ?? "";
  const others = files.filter((file) => !all.some((name) => settings(name) === file));
  if (others.some((file) => program.some((pattern) => pattern.test(file)))) return all;
  return all.filter((name) => files.includes(settings(name)));
}
