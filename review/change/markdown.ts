import { type Rule, thingOf } from "../../policies/rule";
import { comment, type Entry, escaped, fenced, type Part } from "./comment-text";
import type { Violation } from "./events";
import { finding, isIdle, ruleId, ruleOf, sorted } from "./messages";
import type { ResourceChange } from "./resource-changes";
import { blocks, type Review, type StackReview } from "./review";

/** First line of the comment, by which the workflow finds its own one to replace it. */
export const marker = "<!-- kjerne policy review -->";

/** The review as a comment on a pull request: what alters the judge, what blocks, what changes, then advice. */
export function markdown(review: Review): string {
  const { stacks } = review;
  return comment([
    { head: [marker, `## ${heading(review)}`, ""] },
    judges(review),
    list("Exceptions in this change", review.exceptions),
    ...stacks.flatMap((stack) => worst(review, stack)),
    ...stacks.flatMap((stack) => rest(review, stack)),
    {
      head: [
        `Compared: ${review.base} with ${review.head}, previewed with placeholder keys and passwords, without a network. ` +
          `Judged by the base, ${review.judge}: ${review.packs.map(({ name, version }) => `${name} ${version}`).join(", ")}.`,
        "",
      ],
    },
  ]);
}

function heading(review: Review): string {
  const rules = review.stacks.flatMap(({ stack, violations }) =>
    violations.filter(({ mandatory }) => mandatory).map(({ policy }) => `${stack} ${policy}`),
  );
  const count = new Set(rules).size;
  const broken = review.stacks.filter(({ errors }) => errors.length > 0).map(({ stack }) => stack);
  if (broken.length > 0) return `Blocked: ${broken.join(" and ")} could not be previewed`;
  if (count > 0) return `Blocked: ${count} ${count === 1 ? "rule is" : "rules are"} violated`;
  if (blocks(review)) return "Blocked: this change weakens what judges the next one";
  return review.stacks.length > 0 ? "No violation found" : "No stack is affected";
}

function judges({ judges }: Review): Part {
  return list(
    "This change edits what judges",
    judges.map(({ sentence, weakens }) => (weakens ? `WEAKER: ${sentence}` : sentence)),
    judges.length > 0 ? "The base judged this change; from its merge on, this holds. Look here first." : undefined,
  );
}

/** What must not be missed about a stack: why it could not be previewed, and what blocks. */
function worst(review: Review, { stack, violations, errors }: StackReview): Part[] {
  const mandatory = violations.filter((violation) => violation.mandatory);
  return [
    { head: [`### Stack ${escaped(stack)}`, ""] },
    { entries: errors.map((error) => ["**Could not be previewed**", "", ...fenced(error), ""]) },
    ruleList("Violations", review, mandatory),
  ];
}

function rest(review: Review, { stack, facts, violations, resources, errors }: StackReview): Part[] {
  const noted = violations.filter((violation) => !violation.mandatory && !isIdle(violation));
  const idle = violations.filter(isIdle).length;
  const compared = errors.length === 0;
  const about = (title: string) => (review.stacks.length > 1 ? `${title} in stack ${escaped(stack)}` : title);
  return [
    ...(compared
      ? [list(about("What changes"), facts, facts.length > 0 ? "" : "Nothing that there is a sentence for.")]
      : []),
    ruleList(about("Noted, and no reason to stop"), review, noted),
    ...(idle > 0 ? [{ head: [`${idle} rules had nothing to judge; the evidence lists them.`, ""] }] : []),
    ...(compared ? resourceParts(resources) : []),
  ];
}

/** An entry for each violated rule, most severe first, with its demand and below that its violations. */
function ruleList(title: string, { packs }: Review, violations: readonly Violation[]): Part {
  if (violations.length === 0) return {};
  const severity = (violation: Violation) => ruleOf(packs, violation)?.severity ?? "high";
  const inOrder = sorted(violations, severity);
  const entries = [...new Set(inOrder.map(({ policy }) => policy))].flatMap((policy, index): Entry[] => {
    const own = inOrder.filter((violation) => violation.policy === policy);
    const rule = ruleOf(packs, own[0] as Violation);
    const [basis] = rule?.basis ?? [];
    const demand = rule
      ? `**${escaped(rule.title)}** (${rule.id}, ${rule.severity})`
      : `**${escaped(ruleId(rule, own[0] as Violation))}**`;
    // The rule's own text, from the base.
    const why = basis ? [`   - Why (${basis.kind}): ${escaped(basis.text)} <${basis.link}>`] : [];
    const [first = "", ...others] = once(rule, own).map((sentence) => `   - ${escaped(sentence)}`);
    return [[`${index + 1}. ${demand}`, ...why, first], ...others.map((line) => [line])];
  });
  return { head: [`**${title}**`, ""], entries };
}

/**
 * A sentence for each violation. Where it is the same for several resources it comes once, with the names of the
 * others.
 */
function once(rule: Rule | undefined, violations: readonly Violation[]): string[] {
  const groups = new Map<string, { sentence: string; things: string[] }>();
  for (const violation of violations) {
    const thing = thingOf(violation.urn);
    const sentence = finding(rule, violation);
    const key = sentence.replace(thing, thing.split(" ")[0] ?? "");
    const group = groups.get(key);
    if (group) group.things.push(thing);
    else groups.set(key, { sentence, things: [] });
  }
  return [...groups.values()].map(({ sentence, things }) =>
    things.length > 0 ? `${sentence} The same for ${listing(things)}.` : sentence,
  );
}

const mostNames = 20;
const listing = (names: readonly string[]) =>
  [...names.slice(0, mostNames), ...(names.length > mostNames ? [`${names.length - mostNames} more`] : [])].join(", ");

function list(title: string, sentences: readonly string[], remark?: string): Part {
  if (sentences.length === 0 && !remark) return {};
  const head = [`**${title}**`, "", ...(remark ? [remark, ""] : [])];
  return { head, entries: sentences.map((one) => [`- ${escaped(one)}`]) };
}

const mostRows = 150;
const mostFields = 8;

function resourceParts(changes: readonly ResourceChange[]): Part[] {
  if (changes.length === 0) return [{ head: ["No resource changes.", ""] }];
  const counts = (["added", "changed", "removed"] as const)
    .map((what) => [what, changes.filter((change) => change.what === what).length] as const)
    .filter(([, count]) => count > 0)
    .map(([what, count]) => `${count} ${what}`);
  const rows = changes.slice(0, mostRows).map(({ thing, what, fields }) => {
    const rest = fields.length - mostFields;
    const shown = [...fields.slice(0, mostFields), ...(rest > 0 ? [`and ${rest} more`] : [])];
    return [`| ${what} | ${escaped(thing)} | ${escaped(shown.join(", "))} |`];
  });
  const more = changes.length > mostRows ? [`And ${changes.length - mostRows} more, in review.json.`, ""] : [];
  const head = [
    "<details>",
    `<summary>Resources: ${counts.join(", ")}</summary>`,
    "",
    "| | resource | fields |",
    "|---|---|---|",
  ];
  return [{ head, entries: rows, end: [...more, "</details>", ""] }];
}
