import { type ClusterObject, kindOf, objectsOf } from "../kubernetes/objects";
import { containersOf, hasPods, partsOf, podsIn } from "../kubernetes/pods";
import { at, entriesAt, itemsAt } from "../reading";
import { type Finding, type Resource, type Rule, unknown, type Value } from "../rule";
import { foreignReach, transfers } from "./basis";
import { recordedHosts } from "./judge-mention";
import { declaredAddresses, isMachine } from "./machines";
import type { Residency } from "./parameters";
import type { Places } from "./places";
import { hostOf, isHost, isRecord } from "./record";
import { beforeTransfers, isTransfer, readsTransfers, withTransfers } from "./recorded-transfers";
import { knownElsewhere } from "./well-known";

/** A host that an object of the cluster names, for the API server or for pods to connect to. */
interface Named {
  readonly urn: string;
  readonly field: string;
  /** `unknown` if it can't be read. */
  readonly host: string | typeof unknown;
}

/** What leaves the cluster by an object that is neither a node's nor an image's. */
export const namedHosts: Rule<Residency> = {
  id: "RES-41",
  name: "named-hosts",
  title: "Each host outside the cluster that an object names is recorded, and sits in an allowed country.",
  basis: [transfers, foreignReach],
  reviewBy: "2027-05-20",
  severity: "high",
  reads: [
    "webhooks and CustomResourceDefinition: clientConfig.url",
    "Service: spec.externalName; Endpoints and EndpointSlice: addresses",
    "containers: addresses in env, command and args",
    "custom resources: every address with a scheme in spec",
    "kjerne:residency:Endpoints: hosts",
    readsTransfers,
  ],
  scope: "together",
  appliesTo: (resource) =>
    isRecord(resource, "Endpoints") ||
    isTransfer(resource) ||
    isMachine(resource) ||
    objectsOf(resource).some(mayName) ||
    hasPods(resource),
  check: (resources, parameters) => {
    const records = resources.filter((resource) => isRecord(resource, "Endpoints"));
    const known = [...recordedHosts(records), ...declaredAddresses(resources, parameters)];
    const places = withTransfers(resources, parameters);
    return resources.flatMap(namedIn).map((named) => judgeHost(named, known, places));
  },
  // What is under foreign law stays so, whatever is recorded later; but for a transfer, which the profile eea heeds.
  checkBefore: (resource, parameters) =>
    namedIn(resource)
      .map((named) => judgeHost(named, [], beforeTransfers(parameters)))
      .filter(({ state }) => state === "violated"),
};

const namingKinds = ["/Service", "/Endpoints", "apiextensions.k8s.io/CustomResourceDefinition"];
const mayName = (object: ClusterObject) =>
  namingKinds.includes(kindOf(object)) || !(kindOf(object).startsWith("/") || readElsewhere.test(kindOf(object)));

const webhooks = /^admissionregistration\.k8s\.io\/(Validating|Mutating)WebhookConfiguration$/;
/** Kinds whose addresses other rules read, or that hold texts, schemas and links for people. */
const readElsewhere =
  /^(\/(ConfigMap|Secret)|(apps|batch|rbac\.authorization\.k8s\.io|apiextensions\.k8s\.io|projectcalico\.org)\/.*|cert-manager\.io\/(Cluster)?Issuer|monitoring\.coreos\.com\/PrometheusRule)$/;

function namedIn(resource: Resource): Named[] {
  return [
    ...objectsOf(resource).flatMap((object) => {
      const { urn, prefix, content } = object;
      const kind = kindOf(object);
      const url = (path: string, value: Value | undefined): Named[] =>
        value === undefined || value === null ? [] : [{ urn, field: prefix + path, host: hostOf(value) ?? unknown }];
      const plain = (path: string, value: Value | undefined): Named[] =>
        value === undefined || value === null
          ? []
          : [{ urn, field: prefix + path, host: isHost(value) ? value : unknown }];
      if (webhooks.test(kind))
        return itemsAt(content, "webhooks").flatMap(({ field, item }) =>
          url(`${field}.clientConfig.url`, at(item, "clientConfig.url")),
        );
      if (kind === "apiextensions.k8s.io/CustomResourceDefinition") {
        const path = "spec.conversion.webhook.clientConfig.url";
        return url(path, at(content, path));
      }
      if (kind === "/Service") return plain("spec.externalName", at(content, "spec.externalName"));
      if (kind === "/Endpoints")
        return itemsAt(content, "subsets").flatMap(({ field, item }) =>
          itemsAt(item, "addresses").flatMap(({ field: one, item: found }) =>
            plain(`${field}.${one}.ip`, at(found, "ip") ?? unknown),
          ),
        );
      if (kind === "discovery.k8s.io/EndpointSlice")
        return itemsAt(content, "endpoints").flatMap(({ field, item }) =>
          itemsAt(item, "addresses").flatMap(({ field: one, item: found }) => plain(`${field}.${one}`, found)),
        );
      if (kind.startsWith("/") || readElsewhere.test(kind)) return [];
      return addressesIn(urn, `${prefix}spec`, at(content, "spec"));
    }),
    ...inPods(resource),
  ];
}

function inPods(resource: Resource): Named[] {
  return podsIn([resource]).flatMap((pod) =>
    containersOf(pod).flatMap(({ field, container }) => [
      ...itemsAt(container, "env").flatMap(({ field: one, item }) =>
        addressesIn(pod.owner.urn, `${field}.${one}.value`, at(item, "value")),
      ),
      ...["command", "args"].flatMap((list) => addressesIn(pod.owner.urn, `${field}.${list}`, at(container, list))),
    ]),
  );
}

/** An address with a scheme, anywhere in a text: `--remote-write=https://metrics.example.com/api`. */
const withScheme = /\b[a-z][a-z0-9+.-]*:\/\/[^\s"'`,;|<>)\]}]+/gi;

function addressesIn(urn: string, field: string, value: Value | undefined): Named[] {
  if (typeof value === "string")
    return (value.match(withScheme) ?? [])
      .map((address) => ({ urn, field, host: hostOf(address.replace(/\$[({].*/, "")) ?? "" }))
      .filter(({ host }) => host !== "");
  if (Array.isArray(value)) return value.flatMap((item: Value, i) => addressesIn(urn, `${field}[${i}]`, item));
  return partsOf(value)
    .slice(0, 1)
    .flatMap(({ part }) =>
      entriesAt({ part }, "part").flatMap(({ name, value: inner }) => addressesIn(urn, `${field}.${name}`, inner)),
    );
}

/** Names that only the cluster's own DNS knows, addresses of the pod itself, and private ones that no record has to name. */
const inside =
  /^([^.:]+|.*\.(svc|cluster\.local|svc\.cluster\.local)\.?|localhost|127\.[\d.]+|::1|\[::1\]|0\.0\.0\.0)$/;

function judgeHost({ urn, field, host }: Named, known: readonly string[], places: Places): Finding {
  const wayOut = "Take it out; or record where it is and who runs it, in kjerne:residency, endpoints.services.";
  if (host === unknown)
    return { urn, field, state: "unverifiable", reason: "It is unknown or names no host that can be read.", wayOut };
  const reason = knownElsewhere(host, places);
  if (reason) return { urn, field, state: "violated", read: host, reason, wayOut };
  if (inside.test(host) || known.includes(host)) return { urn, field, state: "shown", read: host };
  return { urn, field, state: "unverifiable", read: host, reason: "Nobody recorded where it is.", wayOut };
}
