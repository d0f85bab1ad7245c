import { type Properties, type Resource, thingOf, unknown, type Value } from "../../policies/rule";

/** What happens to one resource when a change is merged and brought up. */
export interface ResourceChange {
  readonly urn: string;
  /** As messages name it: `KvmNode cp1`. */
  readonly thing: string;
  readonly what: "added" | "removed" | "changed";
  /** Paths of the properties that differ, without their values, which could be secret. */
  readonly fields: readonly string[];
}

/** Compares the resources that two sides would create for the same stack, each from an empty state. */
export function resourceChanges(base: readonly Resource[], head: readonly Resource[]): ResourceChange[] {
  const [before, after] = [byUrn(base), byUrn(head)];
  return [...new Set([...before.keys(), ...after.keys()])].sort().flatMap((urn): ResourceChange[] => {
    const [old, now] = [before.get(urn), after.get(urn)];
    const thing = thingOf(urn);
    if (!old) return [{ urn, thing, what: "added", fields: [] }];
    if (!now) return [{ urn, thing, what: "removed", fields: [] }];
    const fields = [
      ...differences(old.properties, now.properties, ""),
      ...(old.protect === now.protect ? [] : ["protect"]),
    ];
    return fields.length > 0 ? [{ urn, thing, what: "changed", fields }] : [];
  });
}

const byUrn = (resources: readonly Resource[]) => new Map(resources.map((resource) => [resource.urn, resource]));

/** Paths at which two values differ, as deep as both have the same structure. */
function differences(old: Value | undefined, now: Value | undefined, path: string): string[] {
  if (isObject(old) && isObject(now)) {
    return [...new Set([...Object.keys(old), ...Object.keys(now)])]
      .sort()
      .flatMap((key) => differences(old[key], now[key], path ? `${path}.${key}` : key));
  }
  if (Array.isArray(old) && Array.isArray(now) && old.length === now.length) {
    return old.flatMap((item, index) => differences(item, now[index], `${path}[${index}]`));
  }
  return text(old) === text(now) ? [] : [path];
}

function isObject(value: Value | undefined): value is Properties {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function text(value: Value | undefined): string | undefined {
  return JSON.stringify(value, (_, inner) => (inner === unknown ? "an unknown value" : inner));
}
