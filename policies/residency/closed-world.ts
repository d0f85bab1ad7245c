import { kindOf, objectsOf } from "../kubernetes/objects";
import type { Basis, Finding, Resource, Rule } from "../rule";
import { needNoRule, readByRules } from "./known-kinds";
import type { Residency } from "./parameters";

const reviewed: Basis = {
  kind: "technical",
  text: "What no rule reads, nobody has judged: a bucket abroad passes where rules only know machines.",
  link: "docs/policies.md",
  date: "2026-11-26",
};

/** A list of what is good: whatever is not on it stops the run, so that silence never means consent. */
export const knownKinds: Rule<Residency> = {
  id: "RES-39",
  name: "known-kinds",
  title: "Every resource is of a kind that a rule reads, or that a list names with the reason why none has to.",
  basis: [reviewed],
  reviewBy: "2027-11-01",
  severity: "critical",
  reads: ["every resource but components: type", "lists of objects: items[].apiVersion, items[].kind"],
  scope: "each",
  appliesTo: (resource) => !isComponent(resource),
  check: (resources, parameters) => resources.flatMap((resource) => judgeKinds(resource, parameters)),
};

const known = new Set([...Object.values(readByRules).flat(), ...Object.keys(needNoRule)]);

/** Types of providers whose tokens look like those of components, by package. Of `aws:s3/bucket:Bucket` the form says it. */
const nativePackages = ["aws-native", "azure-native", "google-native", "docker-build", "pulumiservice"];

/**
 * Whether a resource is a component: it makes nothing itself, and its children are judged, whatever package it is from. A
 * type of a provider's counts as made by it, even where the engine did not say so.
 */
export function isComponent({ type, hasProvider }: Resource): boolean {
  const [packageName = "", module = "", name = ""] = type.split(":");
  if (hasProvider || ["kubernetes", "pulumi", "command", "random", "kjerne-drift"].includes(packageName)) return false;
  if (nativePackages.includes(packageName) || packageName.startsWith("pulumi-")) return false;
  const [, file] = module.split("/");
  return file === undefined || file.toLowerCase() !== name.toLowerCase();
}

function judgeKinds(resource: Resource, { otherKinds }: Residency): Finding[] {
  const { urn, type } = resource;
  const objects = objectsOf(resource);
  const kinds = type.startsWith("kubernetes:")
    ? objects.map((object) => ({ field: object.prefix, kind: kindOf(object) }))
    : [{ field: "", kind: type }];
  return kinds.map(({ field, kind }) => {
    const isKnown = known.has(kind) || otherKinds.some((other) => other.kind === kind);
    const found = { urn, field: `${field}type` };
    if (isKnown) return { ...found, state: "shown", read: kind };
    // Nothing but a kind's name is repeated: a list's item may hold anything there.
    const read = /^[\w.:/-]+$/.test(kind) ? { read: kind } : {};
    return { ...found, state: "unverifiable", ...read, reason: whyNot(type), wayOut };
  });
}

const wayOut =
  'Take it out; or, once somebody has looked at what such a resource sends where, name its kind with the reason in policies/residency/parameters.<stack>.json: {"pack": {"otherKinds": [{"kind": "…", "why": "…"}]}}.';

function whyNot(type: string): string {
  return /^pulumi-\w+:dynamic/.test(type)
    ? "What a dynamic resource does stands in its program's code, which no rule reads."
    : "No rule reads this kind, so nobody has judged where it puts data or what it opens.";
}
