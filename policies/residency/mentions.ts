import { hasImages, imagesOf } from "../kubernetes/images";
import { holds, objectsIn } from "../kubernetes/objects";
import { podsIn } from "../kubernetes/pods";
import { anyNode, isNode } from "../nodes";
import { at, entriesAt, itemsAt } from "../reading";
import type { Resource, Value } from "../rule";
import { hostOf, isHost } from "./record";

/** A place in the program that names a host for machines to connect to. */
export interface Mention {
  readonly urn: string;
  readonly field: string;
  /** A host, or for container images `host/path`. Undefined if it can't be read. */
  readonly endpoint: string | undefined;
}

/** Where a program names the hosts of one use, beside the record. */
export interface Mentions {
  readonly reads: readonly string[];
  appliesTo(resource: Resource): boolean;
  find(resource: Resource): Mention[];
}

export const noMentions: Mentions = { reads: [], appliesTo: () => false, find: () => [] };

const nodeImage = "kjerne:image:NodeImage";
const nodeBase = "kjerne:cluster:NodeBase";
const verification = "kjerne:verify:Verification";
const hypervisor = "kjerne:hypervisor:Hypervisor";

/**
 * Images under the registry in their name, even if nodes pull them from a mirror.
 */
export const images: Mentions = {
  reads: [
    "pods, what makes them, and custom resources: image; volumes[].image.reference",
    `${nodeImage}: images, mirrors`,
    `${anyNode}: images, mirrors`,
    `${nodeBase}: mirrors`,
    `${verification}: wanted.probe.image`,
  ],
  appliesTo: (resource) =>
    hasImages(resource) || isNode(resource) || [nodeImage, nodeBase, verification].includes(resource.type),
  find: (resource) => {
    const { urn, type, properties } = resource;
    if (type === verification) return [imageMention(urn, "wanted.probe.image", at(properties, "wanted.probe.image"))];
    if (isNode(resource) || type === nodeImage || type === nodeBase) {
      return [
        ...entriesAt(properties, "images").map(({ field, name }) => imageMention(urn, field, name)),
        ...itemsAt(properties, "mirrors").map(({ field, item }) =>
          addressMention(urn, `${field}.mirror`, at(item, "mirror")),
        ),
      ];
    }
    return imagesOf(resource).map(({ field, reference }) => imageMention(urn, field, reference));
  },
};

/** `nginx` → `docker.io/library/nginx`, as container runtimes complete it, without tag and digest. */
function imageMention(urn: string, field: string, value: Value | undefined): Mention {
  if (typeof value !== "string" || !/^[a-z0-9][\w./:@-]*$/i.test(value)) return { urn, field, endpoint: undefined };
  const [first = "", ...rest] = value
    .replace(/@.*/, "")
    .replace(/:[^/]*$/, "")
    .split("/");
  const hasHost = rest.length > 0 && (/[.:]/.test(first) || first === "localhost");
  const path = hasHost
    ? [first.replace(/:.*/, ""), ...rest]
    : ["docker.io", ...(rest.length > 0 ? [] : ["library"]), first, ...rest];
  return { urn, field, endpoint: path.join("/") };
}

function addressMention(urn: string, field: string, value: Value | undefined): Mention {
  return { urn, field, endpoint: hostOf(value) };
}

/** Apt repositories. */
export const packages: Mentions = {
  reads: [`${nodeImage}: sources[].uri`, `${anyNode}: sources[].uri`, `${hypervisor}: packages[].uri`],
  appliesTo: (resource) => isNode(resource) || [nodeImage, hypervisor].includes(resource.type),
  find: ({ urn, type, properties }) =>
    itemsAt(properties, type === hypervisor ? "packages" : "sources").map(({ field, item }) =>
      addressMention(urn, `${field}.uri`, at(item, "uri")),
    ),
};

/** Time servers of a node, by name or address. */
export const timeServers: Mentions = {
  reads: [`${anyNode}: timeServers`],
  appliesTo: isNode,
  find: (resource) => hostsIn(resource.urn, resource.properties, "timeServers"),
};

/** DNS servers of a node, and those that a pod asks instead of the cluster's. */
export const nameServers: Mentions = {
  reads: [`${anyNode}: nameservers`, "pods: dnsConfig.nameservers"],
  appliesTo: (resource) =>
    isNode(resource) || podsIn([resource]).some(({ spec }) => at(spec, "dnsConfig") !== undefined),
  find: (resource) =>
    isNode(resource)
      ? hostsIn(resource.urn, resource.properties, "nameservers")
      : podsIn([resource]).flatMap(({ owner, prefix, spec }) =>
          hostsIn(owner.urn, spec, "dnsConfig.nameservers", prefix),
        ),
};

function hostsIn(urn: string, value: Value | undefined, path: string, prefix = ""): Mention[] {
  return itemsAt(value, path).map(({ field, item }) => ({
    urn,
    field: `${prefix}${field}`,
    endpoint: isHost(item) ? item : undefined,
  }));
}

/** ACME servers of cert-manager's issuers. */
export const acme: Mentions = {
  reads: ["cert-manager's Issuer and ClusterIssuer: spec.acme.server"],
  appliesTo: (resource) => holds(resource, ...issuers),
  find: (resource) =>
    objectsIn([resource], ...issuers)
      .filter(({ content }) => at(content, "spec.acme") !== undefined)
      .map(({ urn, prefix, content }) =>
        addressMention(urn, `${prefix}spec.acme.server`, at(content, "spec.acme.server")),
      ),
};
const issuers = ["cert-manager.io/Issuer", "cert-manager.io/ClusterIssuer"];
