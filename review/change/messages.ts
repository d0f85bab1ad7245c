import { type Rule, thingOf } from "../../policies/rule";
import type { Violation } from "./events";

/**
 * The rule that a violation is of. Undefined for the packs' own policies (`exceptions`, `coverage`), which are no
 * rules.
 */
export function ruleOf(packs: readonly { readonly rules: readonly Rule[] }[], { policy }: Violation): Rule | undefined {
  return packs.flatMap(({ rules }) => rules).find(({ name }) => name === policy);
}

/** `RES-01`. For the packs' own policies, the id that their message begins with: `POL-01`. */
export function ruleId(rule: Rule | undefined, { policy, message }: Violation): string {
  return rule?.id ?? /^[A-Z]+-\d+/.exec(message)?.[0] ?? policy;
}

/** Most severe first, then by message and resource, so that the same violations always have the same order. */
export function sorted(violations: readonly Violation[], severityOf: (violation: Violation) => string): Violation[] {
  const rank = (violation: Violation) => ["critical", "high", "medium", "low"].indexOf(severityOf(violation));
  return [...violations].sort(
    (a, b) => rank(a) - rank(b) || a.message.localeCompare(b.message, "en") || a.urn.localeCompare(b.urn, "en"),
  );
}

/** The sentences of a violation about the resource alone, without the rule's demand and reason. */
export function finding(rule: Rule | undefined, { message }: Violation): string {
  const lines = message.split("\n");
  return lines.filter((line) => !(rule && line.startsWith(`${rule.id} `)) && !line.startsWith("Why: ")).join(" ");
}

/** Whether it only says that a rule found nothing to judge. */
export const isIdle = ({ message, mandatory }: Violation): boolean => !mandatory && message.startsWith("POL-00 ");

/** The field that a violation is about, as the message has it: `spec.egress[0] (egress)`. Empty if about none. */
export function fieldOf(rule: Rule | undefined, violation: Violation): string {
  const [, field = ""] = /^, (.+?): /.exec(finding(rule, violation).slice(thingOf(violation.urn).length)) ?? [];
  return field;
}
