import { at, itemsAt } from "../reading";
import { type Resource, unknown, type Value } from "../rule";
import { kindOf, objectsOf } from "./objects";
import { containersOf, partsOf, podsIn } from "./pods";

/** A container image that an object names. */
export interface NamedImage {
  readonly urn: string;
  /** `spec.template.spec.containers[0].image`. */
  readonly field: string;
  readonly reference: Value | undefined;
  /** When kubelet pulls it. */
  readonly pullPolicy: Value | undefined;
}

/**
 * The images of containers, of volumes that are images, and those that a custom resource hands to its operator in a field
 * `image`.
 */
export function imagesOf(resource: Resource): NamedImage[] {
  const pods = podsIn([resource]);
  const ofPods = pods.flatMap((pod) => [
    ...containersOf(pod).map(
      ({ field, container }): NamedImage => ({
        urn: pod.owner.urn,
        field: `${field}.image`,
        reference: at(container, "image"),
        pullPolicy: at(container, "imagePullPolicy"),
      }),
    ),
    ...itemsAt(pod.spec, "volumes")
      .filter(({ item }) => item === unknown || at(item, "image") !== undefined)
      .map(
        ({ field, item }): NamedImage => ({
          urn: pod.owner.urn,
          field: `${pod.prefix}${field}.image.reference`,
          reference: at(item, "image.reference"),
          pullPolicy: at(item, "image.pullPolicy"),
        }),
      ),
  ]);
  const seen = new Set(ofPods.map(({ field }) => field));
  return [...ofPods, ...handedOn(resource).filter(({ field }) => !seen.has(field))];
}

export const hasImages = (resource: Resource): boolean => imagesOf(resource).length > 0;

/** Kinds whose fields are Kubernetes' own, so that a field `image` is a container's; or that hold texts and schemas. */
const ownKinds = /^(|apps|batch|apiextensions\.k8s\.io|rbac\.authorization\.k8s\.io)\//;

function handedOn(resource: Resource): NamedImage[] {
  return objectsOf(resource)
    .filter((object) => !ownKinds.test(kindOf(object)))
    .flatMap(({ urn, prefix, content }) =>
      partsOf(at(content, "spec"), "spec.")
        .filter(({ part }) => typeof part.image === "string" || part.image === unknown)
        .map(
          ({ path, part }): NamedImage => ({
            urn,
            field: `${prefix}${path}image`,
            reference: part.image,
            pullPolicy: part.imagePullPolicy,
          }),
        ),
    );
}
