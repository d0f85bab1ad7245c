import type { Day, Finding, Resource, Rule } from "./rule";

/**
 * Runs one rule over all resources of a stack. A resource on which the rule breaks is unverifiable, and the others are
 * judged all the same.
 */
export function judge<P>(rule: Rule<P>, resources: readonly Resource[], parameters: P & Day): Finding[] {
  const about = resources.filter((resource) => rule.appliesTo(resource));
  if (about.length === 0) return nothingToJudge(rule, resources);
  if (rule.scope === "together") return guarded(rule, about, parameters);
  return about.flatMap((resource) => guarded(rule, [resource], parameters));
}

/** Runs a rule on resources that it applies to, and turns an exception into a finding. */
export function guarded<P>(rule: Rule<P>, resources: readonly Resource[], parameters: P & Day): Finding[] {
  try {
    return rule.check(resources, parameters);
  } catch (error) {
    // The text of an error may hold a piece of a secret; its name does not.
    const reason = `The rule broke on it (${(error as Error).name}), so nothing was judged.`;
    return resources.map(({ urn }) => ({ urn, field: "", state: "unverifiable", reason }));
  }
}

/** What it means that a stack has none of the resources that a rule is about. */
export function nothingToJudge<P>({ ifNone }: Rule<P>, resources: readonly Resource[]): Finding[] {
  return ifNone ? [{ urn: stackUrn(resources), field: "", state: "unverifiable", reason: ifNone }] : [];
}

/** The stack itself, for what belongs to no resource. */
export function stackUrn(resources: readonly Resource[]): string {
  return resources.find(({ type }) => type === "pulumi:pulumi:Stack")?.urn ?? "";
}
