import type { Rule } from "../../policies/rule";
import type { Violation } from "./events";

/** A rule by its name in the engine. The packs' own demands on themselves (exceptions, coverage) are no rules. */
export function ruleOf(packs: readonly { readonly rules: readonly Rule[] }[], { policy }: Violation): Rule | undefined {
  return packs.flatMap(({ rules }) => rules).find(({ name }) => name === policy);
}

/** `RES-01`, also for what the packs demand of themselves: their messages begin with it. */
export function ruleId(rule: Rule | undefined, { policy, message }: Violation): string {
  return rule?.id ?? /^[A-Z]+-\d+/.exec(message)?.[0] ?? policy;
}

/** The gravest first, then by rule and resource, so that the same findings always read the same. */
export function sorted(violations: readonly Violation[], severityOf: (violation: Violation) => string): Violation[] {
  const rank = (violation: Violation) => ["critical", "high", "medium", "low"].indexOf(severityOf(violation));
  return [...violations].sort(
    (a, b) => rank(a) - rank(b) || a.message.localeCompare(b.message, "en") || a.urn.localeCompare(b.urn, "en"),
  );
}

/** A violation without what is said once for its rule: the sentences about the resource alone. */
export function finding(rule: Rule | undefined, { message }: Violation): string {
  const lines = message.split("\n");
  return lines.filter((line) => !(rule && line.startsWith(`${rule.id} `)) && !line.startsWith("Why: ")).join(" ");
}
