import { type Finding, type Resource, type Rule, unknown, type Value } from "./rule";

/**
 * Runs one rule over all resources of a stack. A resource on which the rule breaks is unverifiable, and the others are
 * judged all the same.
 */
export function judge<P>(rule: Rule<P>, resources: readonly Resource[], parameters: P): Finding[] {
  const about = resources.filter((resource) => rule.appliesTo(resource));
  if (about.length === 0) return nothingToJudge(rule, resources);
  if (rule.scope === "together") return guarded(rule, about, parameters);
  return about.flatMap((resource) => guarded(rule, [resource], parameters));
}

/** Runs a rule on resources that it applies to, and turns an exception into a finding. */
export function guarded<P>(rule: Rule<P>, resources: readonly Resource[], parameters: P): Finding[] {
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

/** The value at a path such as `spec.containers[0].image`; unknown where anything on the way is. */
export function at(properties: Value | undefined, path: string): Value | undefined {
  const steps = path.split(/[.[\]]/).filter(Boolean);
  return steps.reduce<Value | undefined>((value, step) => {
    if (value === unknown) return unknown;
    if (value === null || typeof value !== "object") return undefined;
    return Object.hasOwn(value, step) ? (value as Record<string, Value>)[step] : undefined;
  }, properties);
}

/**
 * A finding that a field can't be judged, with the reason; nothing when it holds what `is` accepts.
 *
 * @param what - what belongs there, for people: `a country code such as NO`
 */
export function unreadable(
  { urn, properties }: Resource,
  field: string,
  what: string,
  is: (value: Value) => boolean = (value) => typeof value === "string" && value !== "",
): Finding | undefined {
  const value = at(properties, field);
  if (value !== undefined && value !== null && value !== unknown && is(value)) return undefined;
  const reason =
    value === unknown
      ? "The value is known only after the change is made, so nobody can review it."
      : value === undefined || value === null
        ? "It is missing."
        : `It is not ${what}.`;
  return { urn, field, state: "unverifiable", reason, wayOut: `Set it to ${what}, as a plain value.` };
}
