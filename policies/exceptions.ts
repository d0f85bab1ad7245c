import { parse } from "yaml";
import { z } from "zod";
import { type Finding, thingOf } from "./rule";

const day = z.iso.date("is not a day such as 2027-03-31");

/** Content of `policies/exceptions.yaml`: who allows which violation of a rule, why, and until when. */
export const exceptionsSchema = z.strictObject({
  exceptions: z.array(
    z.strictObject({
      /** Id of the rule: `RES-01`. */
      rule: z.string().regex(/^[A-Z]+-[\d*?]+$/, "is no rule's id such as RES-12"),
      /** Name of the stack: `lab`. */
      stack: z.string(),
      /** Type and name as in the rule's message: `KvmNode cp1`; or the URN, where two resources have both in common. */
      resource: z.string(),
      /** As in the rule's message: `site.country`. May be left out if the rule finds one violation in the resource. */
      field: z.string().optional(),
      /** The role or team that is responsible for it. */
      owner: z.string().trim().min(2),
      /** Why it is acceptable, in a sentence. */
      justification: z.string().trim().min(20, "says too little; write why it is acceptable and what limits the harm"),
      /** Last day on which it holds, at most 180 days ahead: `2027-03-31`. */
      until: day,
    }),
  ),
});

export type Exception = z.infer<typeof exceptionsSchema>["exceptions"][number];

const longestDays = 180;

/** Parses the file; an empty one holds no exceptions. Throws an Error that lists everything wrong with it. */
export function parseExceptions(text: string): Exception[] {
  const parsed = exceptionsSchema.safeParse(parse(text) ?? { exceptions: [] });
  if (parsed.success) return parsed.data.exceptions;
  throw new Error(parsed.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`).join("; "));
}

/** The exception that covers a finding today, if there is one. */
export function exceptionFor(
  exceptions: readonly Exception[],
  rule: string,
  finding: Finding,
  today: string,
): Exception | undefined {
  return exceptions.find(
    (exception) =>
      exception.rule === rule &&
      exception.stack === stackOf(finding.urn) &&
      (exception.resource === thingOf(finding.urn) || exception.resource === finding.urn) &&
      (exception.field === undefined || exception.field === finding.field) &&
      exception.until >= today,
  );
}

/**
 * What is wrong with the exceptions themselves, a sentence each: ended, unused, too wide, too long, or for no known
 * rule.
 *
 * @param covered - the findings that each exception covered in this run
 * @param ruleIds - the rules of one pack; exceptions from other packs' rules are left to those packs
 */
export function wrongExceptions(
  exceptions: readonly Exception[],
  covered: ReadonlyMap<Exception, readonly Finding[]>,
  ruleIds: readonly string[],
  stack: string,
  today: string,
): string[] {
  const families = new Set(ruleIds.map(family));
  return exceptions
    .filter((exception) => exception.stack === stack && families.has(family(exception.rule)))
    .flatMap((exception) => {
      const { rule, resource, field, owner, until } = exception;
      const what = `The exception from ${rule} for ${resource}${field ? `, ${field},` : ""} (owner: ${owner})`;
      const findings = covered.get(exception) ?? [];
      const count = new Set(findings.map((finding) => `${finding.urn} ${finding.field}`)).size;
      const each = new Set(findings.map(({ urn }) => urn)).size > 1 ? "the URN as its resource" : "its field";
      if (!ruleIds.includes(rule) && !/[*?]/.test(rule)) return [`${what} names a rule that does not exist.`];
      if (/[*?]/.test(rule + resource + (field ?? "")))
        return [`${what} is too wide: it names no single rule, resource and field.`];
      if (until < today) return [`${what} ended on ${until}. Remove what it excused, or have its owner decide anew.`];
      if (daysBetween(today, until) > longestDays)
        return [`${what} is too long: ${until} is more than ${longestDays} days ahead.`];
      if (count > 1) return [`${what} is too wide: it covers ${count} findings. Write one for each, with ${each}.`];
      return count === 0 ? [`${what} is not used any more. Delete it.`] : [];
    });
}

const family = (rule: string) => rule.split("-")[0] ?? "";
const daysBetween = (from: string, to: string) => (Date.parse(to) - Date.parse(from)) / 86_400_000;

/** `urn:pulumi:oslo::kjerne::…` → `oslo`. */
export function stackOf(urn: string): string {
  return urn.split("::")[0]?.split(":")[2] ?? "";
}
