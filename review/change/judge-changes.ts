import type { Pack } from "../packs/packs";
import type { Side } from "./checkout";
import { git, textAt } from "./git";
import { type JudgeChange, levelChanges } from "./level-changes";
import { projectFor } from "./project";
import { filesOfRules, type ListedRule, rulesOfBranch } from "./rules-of-branch";
import type { Sandbox } from "./sandbox";

/**
 * What a change is allowed to consist of without touching how it is judged: program, settings, and what nothing runs.
 * All else decides: packs, this review, the tools and libraries that it runs with, workflows, files that no list knows.
 */
const judged = [
  /^(stacks|node-config|docs|examples|bench|test)\//,
  /^components\/(?!(verify|measure)\/|machine\/shell)/,
  /^(versions\.yaml|LICENSE|[A-Z]+\.md)$/,
];

/** Whether a file decides how a change is judged. */
export const judges = (file: string): boolean => !judged.some((pattern) => pattern.test(file));

export interface JudgeComparison {
  readonly repository: string;
  /** Where the branch started. */
  readonly start: Side;
  readonly head: Side;
  readonly packs: readonly Pack[];
  /** Files that differ between the two. */
  readonly files: readonly string[];
  readonly sandbox: Sandbox;
}

/** How a change alters what judges the next one, rule by rule, what weakens first. None of it judges this change. */
export async function judgeChanges(comparison: JudgeComparison): Promise<readonly JudgeChange[]> {
  const files = comparison.files.filter(judges);
  const changes = [...(await parameterChanges(comparison, files)), ...(await ruleChanges(comparison, files))];
  const told = new Set(changes.map(({ file }) => file));
  const project = files.includes("Pulumi.yaml") ? await leftOut(comparison) : "";
  const others = files.filter((file) => !told.has(file));
  return [
    ...changes.filter(({ weakens }) => weakens),
    ...changes.filter(({ weakens }) => !weakens),
    ...others.map((file) => ({
      file,
      weakens: false,
      sentence: `This branch edits ${file}.${file === "Pulumi.yaml" ? project : ""}`,
    })),
  ];
}

/** What of a branch's project file its preview does not use. */
async function leftOut({ repository, head }: JudgeComparison): Promise<string> {
  try {
    const { leftOut } = projectFor((await textAt(repository, head.commit, "Pulumi.yaml")) ?? "");
    return leftOut.length > 0 ? ` Its preview leaves out ${leftOut.join(", ")}.` : "";
  } catch {
    return ""; // The preview says why.
  }
}

async function parameterChanges({ repository, start, head, packs }: JudgeComparison, files: readonly string[]) {
  const changes: JudgeChange[] = [];
  for (const file of files) {
    const [, folder, stack] = /^policies\/([^/]+)\/parameters\.(.+)\.json$/.exec(file) ?? [];
    const pack = packs.find((one) => one.folder === folder);
    if (!pack || !stack) continue;
    const [before, after] = [await textAt(repository, start.commit, file), await textAt(repository, head.commit, file)];
    changes.push(...levelChanges(pack, stack, before, after));
  }
  return changes;
}

async function ruleChanges(
  { start, head, sandbox }: JudgeComparison,
  files: readonly string[],
): Promise<JudgeChange[]> {
  const edited = files.filter((file) => /^policies\/.*\.ts$/.test(file));
  if (edited.length === 0) return [];
  try {
    const [before, after] = [await rulesOfBranch(sandbox, start), await rulesOfBranch(sandbox, head)];
    const [old, now] = [await filesOfRules(start), await filesOfRules(head)];
    const uses = (id: string, file: string) => old.get(id)?.has(file) || now.get(id)?.has(file);
    const texts = edited.flatMap((file) => {
      const ids = [...after, ...before].map(({ id }) => id).filter((id) => uses(id, file));
      const sentence = `This branch edits ${file}, of which ${listing([...new Set(ids)].sort())} made.`;
      return ids.length > 0 ? [{ file, weakens: false, sentence }] : [];
    });
    return [...before.flatMap((rule) => saidOtherwise(rule, after)), ...texts];
  } catch (error) {
    const why = (error as Error).message.trim().split("\n").at(-1);
    return [{ file: "policies/all.ts", weakens: true, sentence: `The packs of this branch can't be read: ${why}` }];
  }
}

const listing = (ids: readonly string[]) => `${ids.join(", ")} ${ids.length === 1 ? "is" : "are"}`;

/** What a rule says of itself, before and after the change. */
function saidOtherwise(rule: ListedRule, now: readonly ListedRule[]): JudgeChange[] {
  const file = "policies/all.ts";
  const { id, title } = rule;
  const after = now.find((one) => one.id === id);
  if (!after) return [{ file, weakens: true, sentence: `This branch takes ${id} out of the packs (${title})` }];
  const differ = (["title", "severity", "scope", "name"] as const).filter((key) => after[key] !== rule[key]);
  return differ.map((key) => {
    const sentence = `This branch changes the ${key} of ${id} (${title}) from ${rule[key]} to ${after[key]}.`;
    return { file, weakens: key === "scope" && after.scope === "together", sentence };
  });
}

/** Files that differ between two commits. */
export async function changedFiles(repository: string, start: string, head: string): Promise<string[]> {
  const listed = await git(repository, "diff", "--name-only", "--no-renames", "-z", start, head);
  return listed.split("\0").filter(Boolean).sort();
}
