import { createHash } from "node:crypto";
import type { Rule } from "../../policies/rule";
import type { Violation } from "./events";
import { fieldOf, isIdle, ruleId, ruleOf } from "./messages";
import type { Review, StackReview } from "./review";

/** GitHub's `security-severity` of a rule, 0 to 10. */
const scores = { low: "3.0", medium: "5.5", high: "8.0", critical: "9.5" } as const;

/**
 * The review as SARIF 2.1.0 (OASIS) for code scanning. Each finding points to the settings of its stack, where the user
 * fixes it.
 *
 * @param lineOf Line of a stack's settings file that names the resource of a violation.
 */
export function sarif(review: Review, lineOf: (stack: StackReview, violation: Violation) => number): object {
  // That a rule found nothing to judge is about no line of any file.
  const found = review.stacks.flatMap((stack) =>
    stack.violations.filter((violation) => !isIdle(violation)).map((violation) => ({ stack, violation })),
  );
  const weaker = review.judges.filter(({ weakens }) => weakens);
  const failures = review.stacks.flatMap(({ stack, errors }) => errors.map((error) => `${stack}: ${error}`));
  const numbered = fingerprints(found.map(({ stack, violation }) => identity(review, stack, violation)));
  const ids = new Map<string, Rule | undefined>();
  for (const { violation } of found) {
    const rule = ruleOf(review.packs, violation);
    ids.set(ruleId(rule, violation), rule);
  }
  return {
    $schema: "https://json.schemastore.org/sarif-2.1.0.json",
    version: "2.1.0",
    runs: [
      {
        tool: {
          driver: {
            name: "kjerne policy review",
            rules: [...[...ids].map(([id, rule]) => descriptor(id, rule)), ...(weaker.length > 0 ? [weakened] : [])],
          },
        },
        // Else code scanning takes a preview that failed for one in which nothing was found.
        invocations: [
          {
            executionSuccessful: failures.length === 0,
            toolExecutionNotifications: failures.map((text) => ({
              level: "error",
              message: { text: text.slice(0, 4000) },
            })),
          },
        ],
        results: [
          ...found.map(({ stack, violation }, index) => {
            const rule = ruleOf(review.packs, violation);
            const id = ruleId(rule, violation);
            return {
              ruleId: id,
              level: violation.mandatory ? "error" : "note",
              message: { text: violation.message },
              locations: [
                {
                  physicalLocation: {
                    artifactLocation: { uri: stack.settings },
                    region: { startLine: lineOf(stack, violation) },
                  },
                  logicalLocations: [{ fullyQualifiedName: violation.urn }],
                },
              ],
              partialFingerprints: { primaryLocationLineHash: numbered[index] },
            };
          }),
          ...weaker.map(({ sentence, file }) => ({
            ruleId: weakened.id,
            level: "error",
            message: { text: sentence },
            locations: [{ physicalLocation: { artifactLocation: { uri: file }, region: { startLine: 1 } } }],
            partialFingerprints: { primaryLocationLineHash: `${hash(sentence)}:1` },
          })),
        ],
      },
    ],
  };
}

function descriptor(id: string, rule: Rule | undefined) {
  if (!rule) return { id };
  const { name, title, basis, severity } = rule;
  const help = basis.map(({ kind, text, link, date }) => `${kind}: ${text} (${date}) ${link}`).join("\n\n");
  return {
    id,
    name,
    shortDescription: { text: title },
    help: { text: help },
    helpUri: basis[0].link,
    properties: { tags: [...new Set(basis.map(({ kind }) => kind))], "security-severity": scores[severity] },
  };
}

/** What weakens the judge is about no rule of a pack. */
const weakened = {
  id: "POL-03",
  name: "weaker-judge",
  shortDescription: { text: "A change that weakens what judges the next one does not pass by itself" },
};

/** What stays the same for a finding across runs, even if its line or its wording changes. */
function identity({ packs }: Review, { stack }: StackReview, violation: Violation): string {
  const rule = ruleOf(packs, violation);
  return [ruleId(rule, violation), stack, violation.urn, fieldOf(rule, violation)].join("\n");
}

/** The key that code scanning goes by, one for each finding: a hash, and its number among those with the same. */
function fingerprints(identities: readonly string[]): string[] {
  const seen = new Map<string, number>();
  return identities.map((one) => {
    seen.set(one, (seen.get(one) ?? 0) + 1);
    return `${hash(one)}:${seen.get(one)}`;
  });
}

const hash = (text: string) => createHash("sha256").update(text).digest("hex").slice(0, 32);
