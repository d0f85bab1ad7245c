import { at } from "../reading";
import type { Day, Finding, Resource } from "../rule";
import { whyUnreadable } from "./places";
import { isRecord } from "./record";

export const isAttestation = (resource: Resource, about: string) => isRecord(resource, "Attestation", about);

/** Longest time that an attestation may still be valid, in days: a year and a month. */
const yearAndMonth = 396;

/**
 * Judges whether an attestation holds today: it says what, by whom and until when, and it has not ended.
 *
 * @param longestDays - how many days ahead its end may lie
 */
export function judgeAttestation(
  { urn, properties }: Resource,
  { today }: Day,
  longestDays: number = yearAndMonth,
): Finding {
  const [by, until, statement] = ["by", "until", "statement"].map((field) => at(properties, field));
  const unverifiable = (field: string, reason: string): Finding => ({
    urn,
    field,
    state: "unverifiable",
    reason,
    wayOut: `Have it attested anew: a statement, by whom, and until when, at most ${longestDays} days ahead.`,
  });
  if (typeof by !== "string" || by === "") return unverifiable("by", whyUnreadable(by, "a role and a company"));
  if (typeof statement !== "string" || statement === "")
    return unverifiable("statement", whyUnreadable(statement, "a text"));
  if (typeof until !== "string" || !/^\d{4}-\d{2}-\d{2}$/.test(until)) {
    return unverifiable("until", whyUnreadable(until, "a day such as 2027-06-30"));
  }
  if (until < today) return unverifiable("until", `It ended on ${until}.`);
  if (Date.parse(until) - Date.parse(today) > longestDays * 86_400_000)
    return unverifiable("until", `${until} is too far ahead.`);
  return { urn, field: "statement", state: "attested", attested: { by, until } };
}
