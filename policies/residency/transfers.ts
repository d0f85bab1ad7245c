import { anyNode, isNode } from "../nodes";
import { at, declared, isProperties, judged } from "../reading";
import type { Finding, Resource, Rule, Value } from "../rule";
import { adequacyOfUs, transfers } from "./basis";
import { eea, isCountry } from "./countries";
import type { Residency } from "./parameters";
import { isRecord } from "./record";
import { isTransfer, judgeTransfer, readsTransfers } from "./recorded-transfers";

const hasCountries = (resource: Resource) =>
  isNode(resource) || (["Backup", "State", "Endpoints"] as const).some((kind) => isRecord(resource, kind));

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
    readsTransfers,
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
    declared(
      judged(urn, field, country, {
        allows: () => eea.includes(country) || recorded.includes(country),
        allowed: "a country of the EEA, or one to which a transfer is recorded",
        reason: "It is outside the EEA, and nobody recorded on what ground data may go there.",
        wayOut: "Keep data and access in the EEA, or record the transfer in kjerne:residency, transfers.",
      }),
    ),
  );
}

function countriesIn(value: Value | undefined, field: string): { field: string; country: string }[] {
  if (typeof value === "string") {
    return /country|countries/i.test(field) && isCountry(value) ? [{ field, country: value }] : [];
  }
  if (Array.isArray(value)) return value.flatMap((item: Value, index) => countriesIn(item, `${field}[${index}]`));
  if (!isProperties(value)) return [];
  return Object.entries(value).flatMap(([name, inner]) => countriesIn(inner, field ? `${field}.${name}` : name));
}
