import { nothingToJudge } from "../judge";
import { at } from "../reading";
import type { Day, Finding, Resource, Rule } from "../rule";
import { judgeAttestation } from "./attestations";
import { adequacyOfUs } from "./basis";
import { isCountry } from "./countries";
import type { Residency } from "./parameters";
import { type Places, whyUnreadable } from "./places";
import { isRecord } from "./record";

export const isTransfer = (resource: Resource) => isRecord(resource, "Transfer");

/** What a rule that heeds transfers reads of them. */
export const readsTransfers = "kjerne:residency:Transfer: to, ground, statement, by, until";

/** Longest time for which a transfer may be recorded, in days: a court may strike down the ground that it rests on. */
const longestDays = 90;

/** Grounds for a transfer by GDPR articles 45, 46 and 49. */
const grounds = ["adequacy", "safeguards", "derogation"];

/** Judges whether a transfer holds today: where to, on what ground, who answers for it, and until when. */
export function judgeTransfer(transfer: Resource, day: Day): Finding[] {
  const { urn, properties } = transfer;
  const to = at(properties, "to");
  const ground = at(properties, "ground");
  if (!isCountry(to)) {
    const reason = whyUnreadable(to, "a country code of ISO 3166-1");
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

/** The pack's parameters with the transfers that resources record and that hold today. */
export function withTransfers<P extends Residency & Day>(resources: readonly Resource[], parameters: P): P & Places {
  const holding = resources.filter(isTransfer).flatMap((transfer) => {
    const attested = judgeTransfer(transfer, parameters).find(({ state }) => state === "attested")?.attested;
    return attested ? [[at(transfer.properties, "to") as string, attested] as const] : [];
  });
  return { ...parameters, transfers: new Map(holding) };
}

/** A rule that judges places in one resource at a time. */
export interface RuleOnPlaces extends Omit<Rule<Residency>, "scope" | "check" | "checkBefore"> {
  judge(resource: Resource, places: Residency & Places): Finding[];
}

/**
 * A rule on places, which heeds transfers. They are resources of their own, so a place that needs one is judged at the end,
 * and every other before the engine makes anything there.
 */
export function onPlaces({ judge, ...rule }: RuleOnPlaces): Rule<Residency> {
  return {
    ...rule,
    reads: [...rule.reads, readsTransfers],
    scope: "together",
    appliesTo: (resource) => rule.appliesTo(resource) || isTransfer(resource),
    check: (resources, parameters) => {
      const about = resources.filter((resource) => !isTransfer(resource));
      const places = withTransfers(resources, parameters);
      return about.length === 0 ? nothingToJudge(rule) : about.flatMap((resource) => judge(resource, places));
    },
    checkBefore: (resource, parameters) => (isTransfer(resource) ? [] : judge(resource, beforeTransfers(parameters))),
  };
}

/** Before the end any transfer may still be recorded, where one is good for anything. */
export function beforeTransfers(parameters: Residency): Residency & Places {
  const toCome = { get: () => ({ by: "a transfer that is recorded later", until: "" }) };
  return parameters.profile === "eea" ? { ...parameters, transfers: toCome } : parameters;
}
