import { at, isProperties, itemsAt } from "../reading";
import { type Resource, unknown, type Value } from "../rule";
import { type ClusterObject, kindOf, objectsOf } from "./objects";

/** A pod, or the template from which a workload makes pods. */
export interface Pod {
  /** The workload that declares it. */
  readonly owner: ClusterObject;
  /** Path of the pod's spec in the resource's properties, with a dot at the end: `spec.template.spec.`. */
  readonly prefix: string;
  readonly spec: Value | undefined;
}

/** Kind → path of the pod's spec in an object of that kind. */
const specs: Readonly<Record<string, string>> = {
  "/Pod": "spec",
  "/PodTemplate": "template.spec",
  "/ReplicationController": "spec.template.spec",
  "apps/DaemonSet": "spec.template.spec",
  "apps/Deployment": "spec.template.spec",
  "apps/ReplicaSet": "spec.template.spec",
  "apps/StatefulSet": "spec.template.spec",
  "batch/Job": "spec.template.spec",
  "batch/CronJob": "spec.jobTemplate.spec.template.spec",
};

/** Kinds that hold texts of others or schemas, in which nothing is a pod. */
const noPods = ["/ConfigMap", "/Secret", "apiextensions.k8s.io/CustomResourceDefinition"];

export const podsIn = (resources: readonly Resource[]): Pod[] => resources.flatMap(podsOf);
export const hasPods = (resource: Resource): boolean => podsOf(resource).length > 0;

/** A cache, since most rules ask for the pods of every resource. */
const found = new WeakMap<Resource, Pod[]>();

function podsOf(resource: Resource): Pod[] {
  const pods = found.get(resource) ?? objectsOf(resource).flatMap(podsOfObject);
  found.set(resource, pods);
  return pods;
}

/** In a custom resource, whatever has a list of containers is a pod: its operator makes one of it. */
function podsOfObject(owner: ClusterObject): Pod[] {
  const path = specs[kindOf(owner)];
  if (path) return [{ owner, prefix: `${owner.prefix}${path}.`, spec: at(owner.content, path) }];
  if (noPods.includes(kindOf(owner))) return [];
  return partsOf(owner.content)
    .filter(
      ({ part }) =>
        Array.isArray(part.containers) && part.containers.some((one) => one === unknown || isProperties(one)),
    )
    .map(({ path, part }) => ({ owner, prefix: `${owner.prefix}${path}`, spec: part }));
}

/** Every object inside a value, itself included, with its path and a dot at the end. */
export function partsOf(
  value: Value | undefined,
  path = "",
): { path: string; part: Readonly<Record<string, Value | undefined>> }[] {
  if (Array.isArray(value))
    return value.flatMap((item: Value, i) => partsOf(item, `${path.replace(/\.$/, "")}[${i}].`));
  if (!isProperties(value)) return [];
  return [{ path, part: value }, ...Object.entries(value).flatMap(([name, part]) => partsOf(part, `${path}${name}.`))];
}

/** Containers of all three lists with their paths. A list that can't be read counts as one unknown container. */
export function containersOf(pod: Pod): { field: string; container: Value }[] {
  return ["initContainers", "containers", "ephemeralContainers"].flatMap((list) =>
    itemsAt(pod.spec, list).map(({ field, item }) => ({ field: `${pod.prefix}${field}`, container: item })),
  );
}
