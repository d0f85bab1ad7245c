import { type Pack, packFlags } from "../packs/packs";
import { admissionSentences } from "./admission-changes";
import { affectedStacks } from "./affected-stacks";
import { type Side, withCommit } from "./checkout";
import { differences } from "./differences/all";
import { differenceSentences } from "./differences/difference";
import type { Outcome, Violation } from "./events";
import { evidenceOfPreview, type PreviewEvidence } from "./evidence-of-preview";
import { startOf, textAt } from "./git";
import { changedFiles, judgeChanges } from "./judge-changes";
import type { JudgeChange } from "./level-changes";
import { preview, type Subject } from "./preview";
import { type ResourceChange, resourceChanges } from "./resource-changes";
import type { Sandbox } from "./sandbox";
import { stateDifferences } from "./state-of-branch";
import { exceptionSentences, packsAsTold } from "./told-packs";

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
  /** What the rules found in the preview after the change. Absent without such a preview. */
  readonly evidence?: PreviewEvidence;
}

/** What a reviewer should know about a change. */
export interface Review {
  /** Commit that the change starts from. */
  readonly base: string;
  /** Commit of the base, whose packs and tools judge. */
  readonly judge: string;
  /** Commit that is reviewed, with `+` if the checkout has changes that are not committed. */
  readonly head: string;
  readonly packs: readonly Pick<Pack, "name" | "version" | "rules">[];
  readonly stacks: readonly StackReview[];
  /** Sentences about exceptions that the change adds or removes, from the packs and at admission. */
  readonly exceptions: readonly string[];
  /** What of this change alters how the next ones are judged. */
  readonly judges: readonly JudgeChange[];
}

export interface ReviewRequest {
  readonly repository: string;
  /** The base: a commit, and this directory, from which the review itself runs. */
  readonly judge: Pick<Side, "commit" | "directory" | "modules">;
  readonly packs: readonly Pack[];
  /** Commit that is reviewed; compared with the one where it left the base. */
  readonly head: string;
  /** @default - every stack that the change affects */
  readonly stack?: string;
  readonly sandbox: Sandbox;
  readonly say: (line: string) => void;
}

/** Previews each affected stack before and after a change and compares them. The packs of the base judge. */
export async function review(request: ReviewRequest): Promise<Review> {
  const { repository, judge, packs, head: commit, stack, sandbox, say } = request;
  const started = await startOf(repository, judge.commit, commit);
  const files = await changedFiles(repository, started, commit);

  return withCommit(repository, started, started, (start) =>
    withCommit(repository, commit, judge.commit, async (head) => {
      const known = [...new Set([...start.stacks.keys(), ...head.stacks.keys()])].sort();
      if (stack && !known.includes(stack)) throw new Error(noStack(stack, known));
      const names = stack ? [stack] : affectedStacks(files, start, head);
      const judges = await judgeChanges({ repository, start, head, packs, files, sandbox });
      const stacks: StackReview[] = [];
      for (const name of names) stacks.push(await reviewStack(name, start, head));
      return {
        base: started.slice(0, 12),
        judge: judge.commit.slice(0, 12),
        head: commit.slice(0, 12),
        packs,
        stacks,
        exceptions: [
          ...(await admissionSentences(repository, start, head)),
          ...(await exceptionSentences(request, start, head, files)),
        ],
        judges,
      };
    }),
  );

  async function reviewStack(name: string, before: Side, head: Side): Promise<StackReview> {
    const old = await outcome("base", name, before, []);
    const told = await packsAsTold(request, name);
    const flags = await packFlags(packs, judge.directory, async ({ folder }) => told.get(folder));
    const now = await outcome("head", name, head, flags);
    const evidence =
      now.errors.length === 0 && head.stacks.has(name)
        ? evidenceOfPreview(name, head.commit, now, told.packs)
        : undefined;
    const errors = [
      ...old.errors.map((error) => `Before the change: ${error}`),
      ...now.errors.map((error) => `After the change: ${error}`),
    ];
    // A failed preview can't be compared: all that it did not reach would look removed.
    const [base, after] = errors.length > 0 ? [[], []] : [old.resources, now.resources];
    const state = await stateDifferences(repository, name, before, head);
    return {
      stack: name,
      settings: (head.stacks.get(name) ?? before.stacks.get(name)) as string,
      facts: [...presence(name, before, head), ...state.facts, ...differenceSentences(differences, base, after)],
      violations: [...state.violations, ...now.violations, ...(evidence?.unreported ?? [])],
      resources: resourceChanges(base, after),
      errors,
      evidence,
    };
  }

  async function outcome(when: Subject["when"], name: string, side: Side, flags: readonly string[]): Promise<Outcome> {
    const file = side.stacks.get(name);
    if (!file) return { resources: [], violations: [], errors: [] };
    say(`previewing ${name} ${when === "base" ? "before" : "after"} the change`);
    const [settings, project] = [
      await textAt(repository, side.commit, file),
      await textAt(repository, side.commit, "Pulumi.yaml"),
    ];
    try {
      const subject = { when, stack: name, side, settings: settings ?? "", project: project ?? "" };
      return await preview(sandbox, { ...subject, modules: judge.modules, packs: flags });
    } catch (error) {
      if (sandbox.stopped.aborted) throw error;
      return { resources: [], violations: [], errors: [(error as Error).message] };
    }
  }
}

function noStack(name: string, known: readonly string[]): string {
  return `STACK=${name}: there is no stacks/Pulumi.${name}.yaml, neither in the base nor in the change; choose one of ${known.join(", ")}, or leave STACK out to review every stack that the change touches`;
}

function presence(name: string, before: Side, head: Side): string[] {
  if (!before.stacks.has(name)) return [`Stack ${name} is new.`];
  if (!head.stacks.has(name))
    return [`Stack ${name} leaves the repository; what it made stays until \`pulumi destroy\` runs.`];
  return [];
}

/** Whether the change must not be merged as it is. */
export function blocks({ stacks, judges }: Review): boolean {
  return (
    judges.some(({ weakens }) => weakens) ||
    stacks.some(({ violations, errors }) => errors.length > 0 || violations.some(({ mandatory }) => mandatory))
  );
}
