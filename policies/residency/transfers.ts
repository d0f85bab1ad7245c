import { anyNode, isNode } from "../nodes";
import { at, isProperties, judged } from "../reading";
import type { Day, Finding, Resource, Rule, Value } from "../rule";
import { judgeAttestation } from "./attestations";
import { adequacyOfUs, transfers } from "./basis";
import type { Residency } from "./parameters";
import { eea, whyUnreadable } from "./places";
import { isRecord } from "./record";

const isTransfer = (resource: Resource) => isRecord(resource, "Transfer");
const hasCountries = (resource: Resource) =>
  isNode(resource) || (["Backup", "State", "Endpoints"] as const).some((kind) => isRecord(resource, kind));

/** Longest time for which a transfer may be recorded, in days: a court may strike down the ground that it rests on. */
const longestDays = 90;

export const transferBasis: Rule<Residency> = {
  id: "RES-05",
  name: "transfer-basis",
  title:
    "For each country outside the EEA a transfer is recorded: its ground, who answers for it, at most 90 days ahead.",
  basis: [transfers, adequacyOfUs],
  reviewBy: "2027-02-20",
  severity: "critical",
  reads: [
    `${anyNode}: site, every country in it`,
    "kjerne:residency:Backup, State, Endpoints: every country in it",
    "kjerne:residency:Transfer: to, ground, statement, by, until",
  ],
  scope: "together",
  appliesTo: (resource) => isTransfer(resource) || hasCountries(resource),
  check: (resources, parameters) => {
    const recorded = resources.filter(isTransfer);
    const countries = recorded.map(({ properties }) => at(properties, "to"));
    return [
      ...resources.flatMap((resource) => judgeCountries(resource, countries)),
      ...recorded.flatMap((transfer) => judgeTransfer(transfer, parameters)),
    ];
  },
};

/** Judges country codes only. A field without one is reported by the rule about that field. */
function judgeCountries({ urn, properties }: Resource, recorded: readonly (Value | undefined)[]): Finding[] {
  return countriesIn(properties, "").map(({ field, country }) =>
    judged(urn, field, country, {
      allows: () => eea.includes(country) || recorded.includes(country),
      allowed: "a country of the EEA, or one to which a transfer is recorded",
      reason: "It is outside the EEA, and nobody recorded on what ground data may go there.",
      wayOut: "Keep data and access in the EEA, or record the transfer in kjerne:residency, transfers.",
    }),
  );
}

function countriesIn(value: Value | undefined, field: string): { field: string; country: string }[] {
  if (typeof value === "string") {
    const isCountry = /country|countries/i.test(field) && /^[A-Z]{2}$/.test(value);
    return isCountry ? [{ field, country: value }] : [];
  }
  if (Array.isArray(value)) return value.flatMap((item: Value, index) => countriesIn(item, `${field}[${index}]`));
  if (!isProperties(value)) return [];
  return Object.entries(value).flatMap(([name, inner]) => countriesIn(inner, field ? `${field}.${name}` : name));
}

/** Grounds for a transfer by GDPR articles 45, 46 and 49. */
const grounds = ["adequacy", "safeguards", "derogation"];

function judgeTransfer(transfer: Resource, day: Day): Finding[] {
  const { urn, properties } = transfer;
  const to = at(properties, "to");
  const ground = at(properties, "ground");
  if (typeof to !== "string" || !/^[A-Z]{2}$/.test(to)) {
    const reason = whyUnreadable(to, "a country code");
    return [
      { urn, field: "to", state: "unverifiable", reason, wayOut: "Name the country that data or access goes to." },
    ];
  }
  if (typeof ground !== "string" || !grounds.includes(ground)) {
    const reason = whyUnreadable(ground, "a ground of GDPR chapter V");
    const wayOut = "Name the ground: article 45, 46 or 49.";
    return [{ urn, field: "ground", state: "unverifiable", allowed: grounds.join(", "), reason, wayOut }];
  }
  const vouched = judgeAttestation(transfer, day, longestDays);
  // The decision holds today, and a court may annul it before the recorded transfer ends.
  const contested = to === "US" && ground === "adequacy" && vouched.state === "attested";
  return [contested ? { ...vouched, reason: adequacyOfUs.text } : vouched];
}
