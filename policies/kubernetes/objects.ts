import { at, itemsAt } from "../reading";
import { type Properties, type Resource, unknown, type Value } from "../rule";

/** An object of a cluster, however a Pulumi program came to declare it. */
export interface ClusterObject {
  /** Of the resource that holds it. */
  readonly urn: string;
  /** What stands before a field of it in the resource's properties: `` or `items[2].`. */
  readonly prefix: string;
  /** API group; empty for the core. */
  readonly group: string;
  readonly kind: string;
  readonly content: Value;
}

/**
 * The objects in a resource of the kubernetes provider: its own, and those of a list. Patches count as what they patch.
 * The kind comes from the type token, so a class of the SDK's or a custom resource makes no difference.
 */
export function objectsOf(resource: Resource): ClusterObject[] {
  const token = /^kubernetes:([^/:]+)(?:\/[^:]*)?:(.+?)(?:Patch)?$/.exec(resource.type);
  if (!token) return [];
  const [, middle = "", kind = ""] = token;
  const own = { urn: resource.urn, prefix: "", group: middle === "core" ? "" : middle, kind };
  if (!kind.endsWith("List")) return [{ ...own, content: resource.properties }];
  return itemsAt(resource.properties, "items").map(({ field, item }) => ({
    ...own,
    prefix: `${field}.`,
    group: groupIn(textAt(item, "apiVersion")) ?? own.group,
    kind: textAt(item, "kind") ?? kind.replace(/List$/, ""),
    content: item,
  }));
}

/** Whether a resource holds an object of one of these kinds: `networking.k8s.io/NetworkPolicy`, `/Service`. */
export function holds(resource: Resource, ...kinds: readonly string[]): boolean {
  return objectsOf(resource).some((object) => kinds.includes(kindOf(object)));
}

/** Objects of these kinds in all resources. */
export function objectsIn(resources: readonly Resource[], ...kinds: readonly string[]): ClusterObject[] {
  return resources.flatMap(objectsOf).filter((object) => kinds.includes(kindOf(object)));
}

/** `<group>/<kind>`. Calico's internal group counts as its public one: the objects are the same. */
export function kindOf({ group, kind }: Pick<ClusterObject, "group" | "kind">): string {
  return `${group === "crd.projectcalico.org" ? "projectcalico.org" : group}/${kind}`;
}

/** Namespace of an object; `default` when it says none, as the API server takes it. */
export function namespaceOf({ content }: ClusterObject): string | typeof unknown {
  const found = at(content, "metadata.namespace");
  if (found === undefined || found === "") return "default";
  return typeof found === "string" ? found : unknown;
}

export function nameOf({ content }: ClusterObject): string | typeof unknown {
  const found = at(content, "metadata.name");
  return typeof found === "string" ? found : unknown;
}

/** `apps/v1` → `apps`; the core has a version only. */
const groupIn = (apiVersion: string | undefined) => apiVersion?.split("/").slice(0, -1).join();

function textAt(value: Properties | Value, path: string): string | undefined {
  const found = at(value, path);
  return typeof found === "string" ? found : undefined;
}
