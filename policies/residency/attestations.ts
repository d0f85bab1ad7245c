import { at } from "../reading";
import type { Day, Finding, Resource } from "../rule";
import { whyUnreadable } from "./places";
import { isRecord } from "./record";

export const isAttestation = (resource: Resource, about: string) => isRecord(resource, "Attestation", about);

/** Longest time that somebody may vouch ahead, in days: a year and a month. */
const yearAndMonth = 396;

/**
 * What one attestation is worth today: who vouches, until when.
 *
 * @param longestDays - how far ahead somebody may vouch
 */
export function judgeAttestation(
  { urn, properties }: Resource,
  { today }: Day,
  longestDays: number = yearAndMonth,
): Finding {
  const [by, until, statement] = ["by", "until", "statement"].map((field) => at(properties, field));
  const open = (field: string, reason: string): Finding => ({
    urn,
    field,
    state: "unverifiable",
    reason,
    wayOut: `Have it attested anew: a statement, by whom, and until when, at most ${longestDays} days ahead.`,
  });
  if (typeof by !== "string" || by === "") return open("by", whyUnreadable(by, "a role and a company"));
  if (typeof statement !== "string" || statement === "") return open("statement", whyUnreadable(statement, "a text"));
  if (typeof until !== "string" || !/^\d{4}-\d{2}-\d{2}$/.test(until)) {
    return open("until", whyUnreadable(until, "a day such as 2027-06-30"));
  }
  if (until < today) return open("until", `It ended on ${until}.`);
  if (Date.parse(until) - Date.parse(today) > longestDays * 86_400_000)
    return open("until", `${until} is too far ahead.`);
  return { urn, field: "statement", state: "attested", attested: { by, until } };
}
