import type { Rule } from "../rule";
import { isAttestation, judgeAttestation } from "./attestations";
import { nationalControl } from "./basis";
import type { Residency } from "./parameters";

/** NSM, Norway's security authority, names six factors of national control. People attest them. */
const factors = [
  { name: "data-centre", title: "NSM factor 1: where the data centre is." },
  { name: "staff", title: "NSM factor 2: where operations and support staff are." },
  { name: "preparedness", title: "NSM factor 3: preparedness in peace, crisis and war." },
  { name: "ownership", title: "NSM factor 4: ownership and nationality along the supply chain." },
  { name: "trust", title: "NSM factor 5: trust in software and hardware." },
  { name: "tenants", title: "NSM factor 6: separation from other tenants." },
] as const;

export const nsmFactors: readonly Rule<Residency>[] = factors.map(({ name, title }, index) => {
  const about = `nsm-factor-${index + 1}`;
  return {
    id: `RES-${31 + index}`,
    name: `nsm-${name}`,
    title: `${title} Somebody attests it, until a day.`,
    basis: [nationalControl],
    reviewBy: "2027-05-20",
    severity: "high",
    reads: [`kjerne:residency:Attestation ${about}: statement, by, until`],
    scope: "each",
    appliesTo: (resource) => isAttestation(resource, about),
    ifNone: `Nobody attests it. Record who does and until when, in kjerne:residency, attestations, about ${about}.`,
    check: (attestations, parameters) => attestations.map((attestation) => judgeAttestation(attestation, parameters)),
  };
});
