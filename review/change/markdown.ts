import { type Rule, thingOf } from "../../policies/rule";
import type { Violation } from "./events";
import { finding, ruleOf, sorted } from "./messages";
import type { ResourceChange } from "./resource-changes";
import { blocks, type Review, type StackReview } from "./review";

/** The review as a comment on a pull request: first what blocks, then what changes, then advice. */
export function markdown(review: Review): string {
  const lines = [
    `## ${heading(review)}`,
    "",
    ...review.stacks.flatMap((stack) => stackSection(review, stack)),
    ...section("Exceptions in this change", review.exceptions),
    ...section(
      "This change edits what judges it",
      review.judges,
      review.judges.length > 0 ? "Look at these files first: a weaker rule hides what it let through." : undefined,
    ),
    `Compared: ${review.base} with ${review.head}, previewed with placeholder keys and passwords and without asking a ` +
      `machine. Judged by ${review.packs.map(({ name, version }) => `${name} ${version}`).join(", ")}.`,
    "",
  ];
  return lines.join("\n");
}

function heading(review: Review): string {
  const rules = review.stacks.flatMap(({ stack, violations }) =>
    violations.filter(({ mandatory }) => mandatory).map(({ policy }) => `${stack} ${policy}`),
  );
  const count = new Set(rules).size;
  const broken = review.stacks.filter(({ errors }) => errors.length > 0).map(({ stack }) => stack);
  if (broken.length > 0) return `Blocked: ${broken.join(" and ")} could not be previewed`;
  if (blocks(review)) return `Blocked: ${count} ${count === 1 ? "rule is" : "rules are"} violated`;
  return review.stacks.length > 0 ? "No violation found" : "No stack is affected";
}

function stackSection(review: Review, { stack, facts, violations, resources, errors }: StackReview): string[] {
  const compared = errors.length === 0;
  const mandatory = violations.filter((violation) => violation.mandatory);
  const noted = violations.filter((violation) => !violation.mandatory);
  return [
    `### Stack ${stack}`,
    "",
    ...errors.flatMap((error) => ["**Could not be previewed**", "", ...fenced(error), ""]),
    ...ruleSections("Violations", review, mandatory),
    ...(compared
      ? section("What changes", facts, facts.length === 0 ? "Nothing that there is a sentence for." : "")
      : []),
    ...ruleSections("Noted, and no reason to stop", review, noted),
    ...(compared ? resourceSection(resources) : []),
  ];
}

/** An entry for each violated rule, most severe first, with its demand and below that its violations. */
function ruleSections(title: string, { packs }: Review, violations: readonly Violation[]): string[] {
  if (violations.length === 0) return [];
  const severity = (violation: Violation) => ruleOf(packs, violation)?.severity ?? "high";
  const inOrder = sorted(violations, severity);
  const entries = [...new Set(inOrder.map(({ policy }) => policy))].flatMap((policy, index) => {
    const own = inOrder.filter((violation) => violation.policy === policy);
    const rule = ruleOf(packs, own[0] as Violation);
    const [basis] = rule?.basis ?? [];
    const demand = rule ? `**${escaped(rule.title)}** (${rule.id}, ${rule.severity})` : `**${escaped(policy)}**`;
    return [
      `${index + 1}. ${demand}`,
      ...once(rule, own).map((sentence) => `   - ${escaped(sentence)}`),
      ...(basis ? [`   - Why (${basis.kind}): ${escaped(`${basis.text} ${basis.link}`)}`] : []),
    ];
  });
  return [`**${title}**`, "", ...entries, ""];
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
    things.length > 0 ? `${sentence} The same for ${things.join(", ")}.` : sentence,
  );
}

function section(title: string, sentences: readonly string[], remark?: string): string[] {
  if (sentences.length === 0 && !remark) return [];
  if (sentences.length === 0) return [`**${title}**`, "", remark ?? "", ""];
  return [`**${title}**`, "", ...(remark ? [remark, ""] : []), ...sentences.map((one) => `- ${escaped(one)}`), ""];
}

/** A code block around what a program printed; backticks in it don't end the block. */
function fenced(text: string): string[] {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  return ["`".repeat(longest + 1), text.slice(0, 4000), "`".repeat(longest + 1)];
}

/** A comment on GitHub holds 65,536 characters; review.json has every row and field. */
const mostRows = 150;
const mostFields = 8;

function resourceSection(changes: readonly ResourceChange[]): string[] {
  if (changes.length === 0) return ["No resource changes.", ""];
  const counts = (["added", "changed", "removed"] as const)
    .map((what) => [what, changes.filter((change) => change.what === what).length] as const)
    .filter(([, count]) => count > 0)
    .map(([what, count]) => `${count} ${what}`);
  const rows = changes.slice(0, mostRows).map(({ thing, what, fields }) => {
    const rest = fields.length - mostFields;
    const shown = [...fields.slice(0, mostFields), ...(rest > 0 ? [`and ${rest} more`] : [])];
    return `| ${what} | ${escaped(thing)} | ${escaped(shown.join(", "))} |`;
  });
  const more = changes.length > mostRows ? ["", `And ${changes.length - mostRows} more, in review.json.`] : [];
  const table = ["| | resource | fields |", "|---|---|---|", ...rows, ...more];
  return ["<details>", `<summary>Resources: ${counts.join(", ")}</summary>`, "", ...table, "", "</details>", ""];
}

/** Escapes Markdown and HTML in text of the change, which can be a stranger's. Links stay whole, so that they work. */
function escaped(text: string): string {
  return text
    .replace(/\s+/g, " ")
    .split(/(https?:\/\/[^\s)<>"]+)/)
    .map((part, index) => (index % 2 === 1 ? part : part.replace(/[\\`*_[\]|~#!]/g, "\\$&")))
    .join("")
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;");
}
