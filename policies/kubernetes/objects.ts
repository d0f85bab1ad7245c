import { at, itemsAt } from "../reading";
import { type Properties, type Resource, unknown, type Value } from "../rule";

/** A Kubernetes object, whichever kind of Pulumi resource declares it. */
export interface ClusterObject {
  /** URN of the resource that declares it. */
  readonly urn: string;
  /** Path of the object in the resource's properties, with a dot at the end: empty, or `items[2].` in a list. */
  readonly prefix: string;
  /** API group; empty for the core. */
  readonly group: string;
  readonly kind: string;
  readonly content: Value;
}

/**
 * The objects that a resource of the kubernetes provider declares: one, or the items of a list. A patch counts as the
 * object that it patches. The kind comes from the type token, so typed classes and `CustomResource` are read alike.
 */
export function objectsOf(resource: Resource): ClusterObject[] {
  const token = /^kubernetes:([^/:]+)(?:\/[^:]*)?:(.+?)(?:Patch)?$/.exec(resource.type);
  if (!token) return [];
  const [, middle = "", kind = ""] = token;
  const own = { urn: resource.urn, prefix: "", group: middle === "core" ? "" : middle, kind };
  // A kind may be called so without being a list, such as Traefik's IPAllowList.
  if (!kind.endsWith("List") || resource.properties.items === undefined)
    return [{ ...own, content: resource.properties }];
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

/** `<group>/<kind>`. The group in which Calico stores its objects counts as its public group. */
export function kindOf({ group, kind }: Pick<ClusterObject, "group" | "kind">): string {
  return `${group === "crd.projectcalico.org" ? "projectcalico.org" : group}/${kind}`;
}

/** Namespace of an object; `default` if it names none, as for the API server. */
export function namespaceOf({ content }: ClusterObject): string | typeof unknown {
  const found = at(content, "metadata.namespace");
  if (found === undefined || found === "") return "default";
  return typeof found === "string" ? found : unknown;
}

export function nameOf({ content }: ClusterObject): string | typeof unknown {
  const found = at(content, "metadata.name");
  return typeof found === "string" ? found : unknown;
}

/** `apps/v1` → `apps`; empty for the core group, whose `apiVersion` has no group in it. */
const groupIn = (apiVersion: string | undefined) => apiVersion?.split("/").slice(0, -1).join();

function textAt(value: Properties | Value, path: string): string | undefined {
  const found = at(value, path);
  return typeof found === "string" ? found : undefined;
}
