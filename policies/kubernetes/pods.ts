import { at, itemsAt } from "../reading";
import type { Resource, Value } from "../rule";
import { type ClusterObject, kindOf, objectsIn, objectsOf } from "./objects";

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

export function hasPods(resource: Resource): boolean {
  return objectsOf(resource).some((object) => kindOf(object) in specs);
}

export function podsIn(resources: readonly Resource[]): Pod[] {
  return objectsIn(resources, ...Object.keys(specs)).map((owner) => {
    const path = specs[kindOf(owner)] as string;
    return { owner, prefix: `${owner.prefix}${path}.`, spec: at(owner.content, path) };
  });
}

/** Containers of all three lists with their paths. A list that can't be read counts as one unknown container. */
export function containersOf(pod: Pod): { field: string; container: Value }[] {
  return ["initContainers", "containers", "ephemeralContainers"].flatMap((list) =>
    itemsAt(pod.spec, list).map(({ field, item }) => ({ field: `${pod.prefix}${field}`, container: item })),
  );
}
