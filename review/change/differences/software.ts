import { containersOf, podsIn } from "../../../policies/kubernetes/pods";
import { isNode } from "../../../policies/nodes";
import { at, itemsAt } from "../../../policies/reading";
import type { Resource } from "../../../policies/rule";
import { type Difference, ofType, present, shown } from "./difference";

const imagesOf = (resources: readonly Resource[]) =>
  podsIn(resources)
    .flatMap(containersOf)
    .map(({ container }) => shown(at(container, "image")));

/** The registry of an image: the first part of its name if that looks like a host, else Docker Hub. */
function registryOf(image: string): string {
  const [first = "", ...rest] = image.split("/");
  if (rest.length > 0 && first !== "docker.io" && (/[.:]/.test(first) || first === "localhost")) return first;
  return "Docker Hub";
}

const images = present(
  imagesOf,
  (image) => `Pods newly run ${image}, an image of ${registryOf(image)}.`,
  (image) => `Pods no longer run ${image}.`,
);

const mirrors: Difference = {
  read: (resources) =>
    new Map(
      ofType(resources, "kjerne:image:NodeImage", "kjerne:cluster:NodeBase")
        .flatMap(({ properties }) => itemsAt(properties, "mirrors"))
        .map(({ item }) => [shown(at(item, "registry")), shown(at(item, "mirror"))]),
    ),
  describe: (registry, before = "the registry itself", after = "the registry itself") =>
    `Images of ${registry} are pulled from ${after}, before from ${before}.`,
};

const packages = present(
  (resources) =>
    [
      ...resources
        .filter((resource) => resource.type === "kjerne:image:NodeImage" || isNode(resource))
        .flatMap(({ properties }) => itemsAt(properties, "sources")),
      ...ofType(resources, "kjerne:hypervisor:Hypervisor").flatMap(({ properties }) => itemsAt(properties, "packages")),
    ].map(({ item }) => shown(at(item, "uri"))),
  (uri) => `Packages newly come from ${uri}.`,
  (uri) => `Packages no longer come from ${uri}.`,
);

const servers = (property: string, what: string) =>
  present(
    (resources) =>
      resources
        .filter(isNode)
        .flatMap(({ properties }) => itemsAt(properties, property).map(({ item }) => shown(item))),
    (host) => `Nodes newly ask ${host} for ${what}.`,
    (host) => `Nodes no longer ask ${host} for ${what}.`,
  );

export const softwareDifferences: readonly Difference[] = [
  images,
  mirrors,
  packages,
  servers("timeServers", "the time"),
  servers("nameservers", "names"),
];
