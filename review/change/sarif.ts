import { createHash } from "node:crypto";
import type { Rule } from "../../policies/rule";
import type { Violation } from "./events";
import { finding, ruleId, ruleOf } from "./messages";
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
  const found = review.stacks.flatMap((stack) => stack.violations.map((violation) => ({ stack, violation })));
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
            rules: [...ids].map(([id, rule]) => descriptor(id, rule)),
          },
        },
        results: found.map(({ stack, violation }) => {
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
            partialFingerprints: { "finding/v1": fingerprint(id, rule, violation) },
          };
        }),
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

/** Identifies a finding across runs, even if its wording changes. */
function fingerprint(id: string, rule: Rule | undefined, violation: Violation): string {
  const field = /^[^,]+, (\S+):/.exec(finding(rule, violation))?.[1] ?? "";
  return createHash("sha256").update([id, violation.urn, field].join("\n")).digest("hex");
}
