import { at } from "../../../policies/judge";
import type { Properties, Resource, Value } from "../../../policies/rule";
import { type FactKind, named, ofType, present, shown, words } from "./fact";

/** Every image that a pod of this stack would run, wherever its pod specification stands. */
function podImages(resources: readonly Resource[]): string[] {
  const objects = resources.filter(({ type }) => type.startsWith("kubernetes:"));
  const containers = ["containers", "initContainers", "ephemeralContainers"].flatMap((name) => named(objects, name));
  const images = containers
    .flatMap((list) => (Array.isArray(list) ? (list as Value[]) : []))
    .map((container) => shown(at(container, "image")));
  return [...new Set(images)];
}

/** The first part of an image's name is a host if it looks like one; else the image is from Docker Hub. */
function registryOf(image: string): string {
  const [first = "", ...rest] = image.split("/");
  return rest.length > 0 && (/[.:]/.test(first) || first === "localhost") ? first : "docker.io (Docker Hub)";
}

const images = present(
  podImages,
  (image) => `Pods newly run ${image}, from the registry ${registryOf(image)}.`,
  (image) => `Pods no longer run ${image}.`,
);

const mirrors: FactKind = {
  read: (resources) =>
    new Map(
      ofType(resources, "kjerne:image:NodeImage")
        .flatMap(({ properties }) => (properties.mirrors as readonly Properties[] | undefined) ?? [])
        .map(({ registry, mirror }) => [shown(registry), shown(mirror)]),
    ),
  tell: (registry, before, after) =>
    `Images of ${registry} are pulled from ${after ?? registry}${after ? "" : " itself"} instead of ${before ?? `${registry} itself`}.`,
};

const packages = present(
  (resources) =>
    ofType(resources, "kjerne:image:NodeImage", "kjerne:hypervisor:Hypervisor").flatMap(({ properties }) =>
      [properties.sources, properties.packages]
        .flatMap((list) => (Array.isArray(list) ? (list as Value[]) : []))
        .flatMap((source) => words(at(source, "uri"))),
    ),
  (uri) => `Packages newly come from ${uri}.`,
  (uri) => `Packages no longer come from ${uri}.`,
);

const asked = (property: string, what: string) =>
  present(
    (resources) => ofType(resources, "kjerne:node:KvmNode").flatMap(({ properties }) => words(properties[property])),
    (host) => `Nodes newly ask ${host} for ${what}.`,
    (host) => `Nodes no longer ask ${host} for ${what}.`,
  );

export const softwareFacts: readonly FactKind[] = [
  images,
  mirrors,
  packages,
  asked("timeServers", "the time"),
  asked("nameservers", "names"),
];
