import type { Rule } from "../rule";
import type { Hardening } from "./parameters";

const release = "kubernetes:helm.sh/v3:Release";

/** Policies see a Helm Release as a single resource, so no rule can judge the objects that it installs. */
export const opaqueObjects: Rule<Hardening> = {
  id: "SEC-13",
  name: "opaque-objects",
  title: "Every object of the cluster is declared one by one, where rules can read it.",
  basis: [
    {
      kind: "technical",
      text: "A Helm Release is one resource to Pulumi; what it installs is seen by no policy.",
      link: "https://github.com/pulumi/pulumi-kubernetes/issues/2144",
      date: "2026-11-20",
    },
  ],
  reviewBy: "2027-11-01",
  severity: "high",
  reads: [release],
  scope: "each",
  appliesTo: ({ type }) => type === release,
  check: (resources) =>
    resources.map(({ urn }) => ({
      urn,
      field: "chart",
      state: "unverifiable",
      reason: "What the chart installs is not seen here.",
      wayOut: "Use helm.sh/v4 Chart or yaml/v2, which declare every object.",
    })),
};
