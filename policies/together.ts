import type { PolicyPackArgs } from "@pulumi/policy";

/** Policies that `packOf` gives every pack beside its rules. */
const ownPolicies: readonly string[] = ["secrets", "pack", "coverage", "exceptions"];

/**
 * Joins packs into one: the engine starts a process for each pack and shows it each resource three times, which costs
 * more than all rules do. Policies that every pack has are renamed after theirs: `residency-pack`.
 */
export function together(packs: Readonly<Record<string, PolicyPackArgs>>): PolicyPackArgs {
  return {
    enforcementLevel: "mandatory",
    policies: Object.entries(packs).flatMap(([pack, { policies = [] }]) =>
      policies.map((policy) => ({ ...policy, name: nameAmongOthers(pack, policy.name) })),
    ),
  };
}

/** A policy's name in joined packs. */
export function nameAmongOthers(pack: string, policy: string): string {
  return ownPolicies.includes(policy) ? `${pack}-${policy}` : policy;
}
