import { anyNode, isNode, makeNodes } from "../nodes";
import { itemsAt } from "../reading";
import type { Day, Finding, Resource, Rule } from "../rule";
import { isAttestation, judgeAttestation } from "./attestations";
import { judgeOperator } from "./backups";
import { foreignReach, nationalControl, remoteAccess } from "./basis";
import type { Residency } from "./parameters";
import { judgeCountryValue, type Places } from "./places";
import { isTransfer, readsTransfers, withTransfers } from "./recorded-transfers";

const noNodes = `No resource says who runs the machines. ${makeNodes}`;

interface PeopleRule {
  readonly id: string;
  readonly name: string;
  readonly title: string;
  readonly basis: Rule["basis"];
  /** Subject of the attestation: `operator`. */
  readonly about: string;
  /** The node's field with the countries of these people: `site.operator`. */
  readonly field: string;
  judge(node: Resource, places: Places): Finding[];
}

/** A rule about people with access: each node records their countries, and somebody attests it. */
const people = ({ about, field, judge, ...rule }: PeopleRule): Rule<Residency> => ({
  ...rule,
  reviewBy: "2027-05-20",
  severity: "high",
  reads: [`${anyNode}: ${field}`, `kjerne:residency:Attestation ${about}: by, until`, readsTransfers],
  scope: "together",
  appliesTo: (resource) => isNode(resource) || isAttestation(resource, about) || isTransfer(resource),
  ifNone: noNodes,
  check: (resources, parameters) => {
    const places = withTransfers(resources, parameters);
    return [
      ...resources.filter(isNode).flatMap((node) => judge(node, places)),
      ...judgeAttestations(resources, about, parameters),
    ];
  },
});

export const operatorJurisdiction = people({
  id: "RES-03",
  name: "operator-jurisdiction",
  title: "Who runs the machines, and who owns that company, sits in an allowed country; somebody attests it.",
  basis: [foreignReach, nationalControl],
  about: "operator",
  field: "site.operator",
  judge: (node, places) => judgeOperator(node, places, "site.operator"),
});

export const supportAccess = people({
  id: "RES-04",
  name: "support-access",
  title: "Staff with access work in allowed countries; somebody attests it.",
  basis: [remoteAccess, nationalControl],
  about: "support",
  field: "site.supportCountries",
  judge: judgeSupport,
});

function judgeSupport({ urn, properties }: Resource, places: Places): Finding[] {
  const path = "site.supportCountries";
  const wayOut = "Take away access from elsewhere, and list the countries that are left.";
  const countries = itemsAt(properties, path);
  if (countries.length === 0) return [judgeCountryValue(urn, path, undefined, places, wayOut)];
  return countries.map(({ field, item }) => judgeCountryValue(urn, field, item, places, wayOut));
}

/** Judges the attestations about a subject; without any, the one finding is that nobody attests it. */
export function judgeAttestations(resources: readonly Resource[], about: string, parameters: Day): Finding[] {
  const attestations = resources.filter((resource) => isAttestation(resource, about));
  if (attestations.length > 0) return attestations.map((attestation) => judgeAttestation(attestation, parameters));
  return [
    {
      urn: "",
      field: "",
      state: "unverifiable",
      reason: `Nobody attests it: there is no attestation about ${about}.`,
      wayOut: "Record who vouches for it and until when, in kjerne:residency, attestations.",
    },
  ];
}
