import { at } from "../reading";
import type { Finding, Resource, Value } from "../rule";
import { unknown } from "../rule";
import { inNorway } from "./basis";
import { eea, isCountry } from "./countries";
import type { Residency } from "./parameters";

/** What the pack's parameters allow, and where else data may go because a transfer is recorded. */
export interface Places extends Pick<Residency, "profile"> {
  /** Country → who answers for the transfer to it. @default - no transfer is recorded */
  readonly transfers?: { get(country: string): Finding["attested"] };
}

const profiles: Readonly<Record<Residency["profile"], { countries: readonly string[]; inWords: string }>> = {
  norway: { countries: ["NO"], inWords: "NO" },
  eea: { countries: eea, inWords: "a country of the EEA, or one to which a transfer is recorded" },
};

export function countriesOf({ profile }: Places) {
  return profiles[profile];
}

/** Whether data may go to a country at all, on whatever ground. */
export function isAllowed(country: string, places: Places): boolean {
  const { countries } = countriesOf(places);
  return countries.includes(country) || (places.profile === "eea" && places.transfers?.get(country) !== undefined);
}

/** Judges the country code in a resource by the pack's profile. No message repeats a value that is no country code. */
export function judgeCountry(resource: Resource, field: string, places: Places, wayOut: string): Finding {
  return judgeCountryValue(resource.urn, field, at(resource.properties, field), places, wayOut);
}

export function judgeCountryValue(
  urn: string,
  field: string,
  value: Value | undefined,
  places: Places,
  wayOut: string,
): Finding {
  const { countries, inWords: allowed } = countriesOf(places);
  if (!isCountry(value)) {
    const reason = whyUnreadable(value, "a country code of ISO 3166-1");
    return { urn, field, state: "unverifiable", allowed, reason, wayOut };
  }
  if (countries.includes(value)) return { urn, field, state: "declared", read: value };
  const transfer = places.transfers?.get(value);
  if (transfer && places.profile === "eea") return { urn, field, state: "attested", read: value, attested: transfer };
  // Within the EEA, or with a transfer, no law is broken: what is violated is what the customer asks.
  const basis = eea.includes(value) || transfer ? { basis: inNorway } : {};
  const orTransfer = places.profile === "eea" ? " Or record the transfer in kjerne:residency, transfers." : "";
  return { urn, field, state: "violated", read: value, allowed, wayOut: wayOut + orTransfer, ...basis };
}

/**
 * Why a value can't be judged, as a sentence.
 *
 * @param what - what the value should be: `a country code`
 */
export function whyUnreadable(value: Value | undefined, what: string): string {
  if (value === unknown) return "It is known only after the change is made, so nobody can review it.";
  return value === undefined || value === null || value === "" ? "It is missing." : `It is not ${what}.`;
}
