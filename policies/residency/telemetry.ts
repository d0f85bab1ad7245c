import { holds, objectsIn } from "../kubernetes/objects";
import { at, judged } from "../reading";
import type { Rule } from "../rule";
import { inNorway, transfers } from "./basis";
import type { Residency } from "./parameters";

const felix = "projectcalico.org/FelixConfiguration";

export const telemetryOff: Rule<Residency> = {
  id: "RES-15",
  name: "telemetry-off",
  title: "Calico does not report its version and the cluster's size to its maker.",
  basis: [
    {
      kind: "technical",
      text: "Calico reports usage unless it is told not to.",
      link: "https://docs.tigera.io/calico/latest/reference/resources/felixconfig",
      date: "2026-11-20",
    },
    transfers,
    inNorway,
  ],
  reviewBy: "2027-05-20",
  severity: "high",
  reads: ["FelixConfiguration: spec.usageReportingEnabled"],
  scope: "each",
  appliesTo: (resource) => holds(resource, felix),
  check: (resources) =>
    objectsIn(resources, felix).map(({ urn, prefix, content }) => {
      const value = at(content, "spec.usageReportingEnabled");
      return judged(urn, `${prefix}spec.usageReportingEnabled`, value, {
        allows: (found) => found === false,
        allowed: "false",
        wayOut: "Set usageReportingEnabled to false; left out, it is on.",
        confidential: typeof value !== "boolean" && value !== undefined,
      });
    }),
};
