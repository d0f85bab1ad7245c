import type { Measured } from "./measured";
import type { Rule, Seen } from "./rule";
import { rules } from "./rules";
import type { Finding, Report } from "./schema";

/** Judges what was measured. What is over a limit because of another cause that was named is told apart from causes. */
export function bottleneck(measured: Measured, all: readonly Rule[] = rules): Report["bottleneck"] {
  const looked = all.map((rule) => ({ rule, seen: rule.look(measured) }));
  const over = looked.filter(({ seen }) => seen.evidence.length > 0);
  const causes = over.map(({ rule }) => rule.id);
  const findings = over.map(({ rule, seen }) => finding(rule, seen, causes));
  const named = findings.filter(({ explainedBy }) => explainedBy.length === 0);
  const unanswered = looked
    .filter(({ seen }) => seen.evidence.length === 0 && seen.unreadable.length > 0)
    .map(({ rule: { id, title }, seen }) => ({ rule: id, title, reason: [...new Set(seen.unreadable)].join("; ") }));
  return {
    answer: answer(named, unanswered.length, all.length),
    named,
    consequences: findings.filter(({ explainedBy }) => explainedBy.length > 0),
    unanswered,
  };
}

function finding(rule: Rule, { evidence }: Seen, causes: readonly string[]): Finding {
  const { id, title, reads, limit, source, strength, cannotTell, next, consequenceOf = [] } = rule;
  const standsAlone = evidence.some((one) => one.standsAlone);
  return {
    ...{ rule: id, title, reads, limit, source, strength, cannotTell, next },
    evidence: evidence.map(({ where, found }) => ({ where, found })),
    explainedBy: standsAlone ? [] : consequenceOf.filter((cause) => causes.includes(cause)),
  };
}

function answer(named: readonly Finding[], unanswered: number, asked: number): string {
  const open = unanswered > 0 ? ` ${unanswered} of ${asked} questions could not be answered.` : "";
  if (named.length === 0) return `None found.${open}`;
  return `${named.map(({ title, evidence }) => `${title} (${evidence[0]?.where}: ${evidence[0]?.found}).`).join(" ")}${open}`;
}
