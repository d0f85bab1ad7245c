import type { PolicyPackArgs } from "@pulumi/policy";

/** Policies that each pack has for itself: `packOf`. */
const ownPolicies: readonly string[] = ["pack", "coverage", "exceptions"];

/**
 * Several packs as one. The engine starts a process for each pack and shows it each resource three times, which costs
 * more than all rules do. A pack's own policies get its name: `residency-pack`.
 */
export function together(packs: Readonly<Record<string, PolicyPackArgs>>): PolicyPackArgs {
  return {
    enforcementLevel: "mandatory",
    policies: Object.entries(packs).flatMap(([pack, { policies = [] }]) =>
      policies.map((policy) => ({ ...policy, name: nameAmongOthers(pack, policy.name) })),
    ),
  };
}

/** A policy's name where packs are together. */
export function nameAmongOthers(pack: string, policy: string): string {
  return ownPolicies.includes(policy) ? `${pack}-${policy}` : policy;
}
