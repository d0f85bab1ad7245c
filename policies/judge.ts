import type { Day, Finding, Resource, Rule } from "./rule";

/**
 * Runs one rule over all resources of a stack. A resource on which the rule breaks is unverifiable, and the others are
 * judged all the same.
 */
export function judge<P>(rule: Rule<P>, resources: readonly Resource[], parameters: P & Day): Finding[] {
  const about = resources.filter((resource) => isAbout(rule, resource));
  const stack = stackUrn(resources);
  return judgeThese(rule, about, parameters).map((finding) => ({ ...finding, urn: finding.urn || stack }));
}

function judgeThese<P>(rule: Rule<P>, about: readonly Resource[], parameters: P & Day): Finding[] {
  if (about.length === 0) return nothingToJudge(rule);
  if (rule.scope === "together") return guarded(rule, about, parameters);
  return about.flatMap((resource) => guarded(rule, [resource], parameters));
}

/** Whether a rule has a say on a resource. One that breaks on the question breaks again where it is told. */
export function isAbout<P>(rule: Rule<P>, resource: Resource): boolean {
  try {
    return rule.appliesTo(resource);
  } catch {
    return true;
  }
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
export function nothingToJudge<P>({ ifNone }: Rule<P>): Finding[] {
  return ifNone ? [{ urn: "", field: "", state: "unverifiable", reason: ifNone }] : [];
}

/** The stack itself, for what belongs to no resource. */
export function stackUrn(resources: readonly Resource[]): string {
  return resources.find(({ type }) => type === "pulumi:pulumi:Stack")?.urn ?? "";
}
