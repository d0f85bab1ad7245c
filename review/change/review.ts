import { findPacks, type Pack, packFlags, parametersFile } from "../packs/packs";
import { affectedStacks, changedFiles } from "./affected-stacks";
import { git, headSide, type Side, startOf, withBaseSide } from "./checkout";
import { differences } from "./differences/all";
import { differenceSentences } from "./differences/difference";
import type { Outcome, Violation } from "./events";
import { exceptionChanges } from "./exception-changes";
import { preview, type Subject } from "./preview";
import { type ResourceChange, resourceChanges } from "./resource-changes";
import type { Sandbox } from "./sandbox";

/** What a reviewer should know about one stack. */
export interface StackReview {
  readonly stack: string;
  /** The stack's settings file, in the repository. */
  readonly settings: string;
  /** Sentences about what changes for people: where data lies, who gets in, where software comes from. */
  readonly facts: readonly string[];
  readonly violations: readonly Violation[];
  readonly resources: readonly ResourceChange[];
  /** Why a side could not be previewed. */
  readonly errors: readonly string[];
}

/** What a reviewer should know about a change. */
export interface Review {
  /** Commit that the change starts from. */
  readonly base: string;
  /** Commit that is reviewed, with `+` if the checkout has changes that are not committed. */
  readonly head: string;
  readonly packs: readonly Pick<Pack, "name" | "version" | "rules">[];
  readonly stacks: readonly StackReview[];
  /** Sentences about exceptions that the change adds or removes. */
  readonly exceptions: readonly string[];
  /** Files of this change that decide how it is judged. */
  readonly judges: readonly string[];
}

/** Files that decide how a change is judged. */
const judging = /^(policies\/|review\/|commands\/|\.github\/|Makefile$)/;

export interface ReviewRequest {
  readonly repository: string;
  /** Branch, tag or commit; the review compares with the commit where HEAD left it. */
  readonly base: string;
  /** @default - every stack that the change affects */
  readonly stack?: string;
  readonly sandbox: Sandbox;
  /** Gets each preview of a stack after the change that succeeded. */
  readonly keep: (stack: string, shown: Outcome) => Promise<void>;
  readonly say: (line: string) => void;
}

/** Previews each affected stack at base and head and compares them. The packs of the head judge the head alone. */
export async function review({ repository, base, stack, sandbox, keep, say }: ReviewRequest): Promise<Review> {
  const start = await startOf(repository, base);
  const files = await changedFiles(repository, start);
  const uncommitted = await git(repository, "status", "--porcelain");
  const packs = await findPacks(repository);
  const head = await headSide(repository, stack);

  return withBaseSide(repository, start, async (before) => {
    const known = [...new Set([...before.stacks.keys(), ...head.stacks.keys()])].sort();
    if (stack && !known.includes(stack)) throw new Error(noStack(stack, known));
    const names = stack ? [stack] : affectedStacks(files, before, head);
    const stacks: StackReview[] = [];
    for (const name of names) stacks.push(await reviewStack(name, before));
    return {
      base: start.slice(0, 12),
      head: (await git(repository, "rev-parse", "HEAD")).slice(0, 12) + (uncommitted ? "+" : ""),
      packs,
      stacks,
      exceptions: await exceptionChanges(before.directory, repository),
      judges: files.filter((file) => judging.test(file)),
    };
  });

  async function reviewStack(name: string, before: Side): Promise<StackReview> {
    const old = await outcome("base", name, before, []);
    const flags = await packFlags(packs, repository, (pack) => parametersFile(pack, name));
    const now = await outcome("head", name, head, flags);
    if (head.stacks.has(name) && now.errors.length === 0) await keep(name, now);
    const settings = (head.stacks.get(name) ?? before.stacks.get(name)) as string;
    const errors = [
      ...old.errors.map((error) => `Before the change: ${error}`),
      ...now.errors.map((error) => `After the change: ${error}`),
    ];
    // A failed preview can't be compared: all that it did not reach would look removed.
    const [base, after] = errors.length > 0 ? [[], []] : [old.resources, now.resources];
    return {
      stack: name,
      settings,
      facts: [...presence(name, before, head), ...differenceSentences(differences, base, after)],
      violations: now.violations,
      resources: resourceChanges(base, after),
      errors,
    };
  }

  async function outcome(side: Subject["side"], name: string, at: Side, flags: readonly string[]): Promise<Outcome> {
    const settings = at.stacks.get(name);
    if (!settings) return { resources: [], violations: [], errors: [] };
    say(`previewing ${name} ${side === "base" ? "before" : "after"} the change`);
    return preview(sandbox, { side, stack: name, program: at.directory, settings, packs: flags });
  }
}

function noStack(name: string, known: readonly string[]): string {
  return `STACK=${name}: there is no stacks/Pulumi.${name}.yaml, neither in the base nor in this checkout; choose one of ${known.join(", ")}, or leave STACK out to review every stack that the change touches`;
}

function presence(name: string, before: Side, head: Side): string[] {
  if (!before.stacks.has(name)) return [`Stack ${name} is new.`];
  if (!head.stacks.has(name))
    return [`Stack ${name} leaves the repository; what it made stays until \`pulumi destroy\` runs.`];
  return [];
}

/** Whether the change must not be merged as it is. */
export function blocks({ stacks }: Review): boolean {
  return stacks.some(({ violations, errors }) => errors.length > 0 || violations.some(({ mandatory }) => mandatory));
}
