import { holds, objectsIn } from "../kubernetes/objects";
import { containersOf, podsIn } from "../kubernetes/pods";
import { at, itemsAt, judged } from "../reading";
import type { Basis, Finding, Resource, Rule, Value } from "../rule";
import { inNorway, transfers } from "./basis";
import type { Residency } from "./parameters";

const felix = "projectcalico.org/FelixConfiguration";
const setting = "spec.usageReportingEnabled";
const variable = "FELIX_USAGEREPORTINGENABLED";

const onByDefault: Basis = {
  kind: "technical",
  text: "Calico reports its version and the cluster's size to its maker unless it is told not to.",
  link: "https://docs.tigera.io/calico/latest/reference/resources/felixconfig",
  date: "2026-11-20",
};

export const telemetryOff: Rule<Residency> = {
  id: "RES-15",
  name: "telemetry-off",
  title: "Calico does not report to its maker.",
  basis: [onByDefault, transfers, inNorway],
  reviewBy: "2027-05-20",
  severity: "high",
  reads: ["FelixConfiguration: spec.usageReportingEnabled", `container calico-node: env ${variable}`],
  scope: "together",
  appliesTo: (resource) => holds(resource, felix) || calicoNodes([resource]).length > 0,
  check: (resources) => {
    const configurations = objectsIn(resources, felix).map(({ urn, prefix, content }) =>
      mustBeOff(urn, prefix + setting, at(content, setting), false),
    );
    const isOff = configurations.some(({ state }) => state === "shown");
    const nodes = calicoNodes(resources).map(({ urn, field, container }) => {
      const env = itemsAt(container, "env").find(({ item }) => at(item, "name") === variable);
      // Felix prefers its environment to a FelixConfiguration.
      if (!env && isOff) return { urn, field, state: "shown" } satisfies Finding;
      return mustBeOff(urn, `${field}.${env?.field ?? "env"}`, at(env?.item, "value"), "false");
    });
    return [...configurations, ...nodes];
  },
};

function calicoNodes(resources: readonly Resource[]) {
  return podsIn(resources).flatMap((pod) =>
    containersOf(pod)
      .filter(({ container }) => at(container, "name") === "calico-node")
      .map((found) => ({ urn: pod.owner.urn, ...found })),
  );
}

function mustBeOff(urn: string, field: string, value: Value | undefined, off: false | "false"): Finding {
  return judged(urn, field, value, {
    allows: (found) => found === off,
    allowed: "false",
    reason: "Left out, it is on.",
    wayOut: `Set ${setting} of a FelixConfiguration, or ${variable} of calico-node, to false.`,
    confidential: !["true", "false", true, false, undefined].includes(value as string),
  });
}
