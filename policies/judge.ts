import type { Day, Finding, Resource, Rule } from "./rule";

/**
 * Judges all resources of a stack by one rule. If the rule throws an error on a resource, that resource is
 * `unverifiable`; a rule of scope `each` judges the others all the same.
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

/**
 * Whether the rule applies to the resource. If `appliesTo` throws an error, the answer is true, so that `check` throws
 * too and the error becomes a finding.
 */
export function isAbout<P>(rule: Rule<P>, resource: Resource): boolean {
  try {
    return rule.appliesTo(resource);
  } catch {
    return true;
  }
}

/** What a rule finds about one resource, which it applies to, before the resource is made. */
export function judgeBefore<P>(rule: Rule<P>, resource: Resource, parameters: P & Day): Finding[] {
  if (rule.scope === "each") return guarded(rule, [resource], parameters);
  return guarded(rule, [resource], parameters, () => rule.checkBefore?.(resource, parameters) ?? []);
}

/**
 * Runs a rule on resources that it applies to. An error that it throws becomes a finding for each of them.
 *
 * @param check - @default - the rule's own `check`
 */
export function guarded<P>(
  rule: Rule<P>,
  resources: readonly Resource[],
  parameters: P & Day,
  check: () => Finding[] = () => rule.check(resources, parameters),
): Finding[] {
  try {
    return check();
  } catch (error) {
    // An error's message may hold a piece of a secret; its name does not.
    const reason = `The rule broke on it (${(error as Error).name}), so nothing was judged.`;
    return resources.map(({ urn }) => ({ urn, field: "", state: "unverifiable", reason }));
  }
}

/** The findings for a stack in which the rule applies to no resource. */
export function nothingToJudge({ ifNone }: Pick<Rule, "ifNone">): Finding[] {
  return ifNone ? [{ urn: "", field: "", state: "unverifiable", reason: ifNone }] : [];
}

/** URN of the stack, for findings that are about none of its resources; empty if it is not among them. */
export function stackUrn(resources: readonly Resource[]): string {
  return resources.find(({ type }) => type === "pulumi:pulumi:Stack")?.urn ?? "";
}
