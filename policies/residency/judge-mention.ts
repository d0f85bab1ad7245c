import { at, itemsAt } from "../reading";
import { type Finding, type Resource, unknown, type Value } from "../rule";
import type { Mention } from "./mentions";
import type { Places } from "./places";
import { knownElsewhere } from "./well-known";

const readable = (name: Value | undefined): name is string => typeof name === "string" && /^[\w.:/-]+$/.test(name);

/** Names of the hosts in records. */
export function recordedHosts(records: readonly Resource[]): string[] {
  return hostsOf(records)
    .map((host) => at(host, "host"))
    .filter(readable);
}

/** The names under which mirrors among them answer for other registries. */
function servedNames(records: readonly Resource[]): string[] {
  return hostsOf(records)
    .flatMap((host) => itemsAt(host, "serves").map(({ item }) => item))
    .filter(readable);
}

const hostsOf = (records: readonly Resource[]) =>
  records.flatMap(({ properties }) => itemsAt(properties, "hosts")).map(({ item }) => item);

/** Whether every machine that states its mirrors has one for a registry; without one it pulls from the registry itself. */
function isMirrored(registry: string, resources: readonly Resource[]): boolean {
  const stated = resources.filter(({ properties }) => properties.mirrors !== undefined);
  return stated.every(({ properties }) =>
    itemsAt(properties, "mirrors").some(({ item }) => item === unknown || at(item, "registry") === registry),
  );
}

/** Judges a host that the program names for machines to connect to, by the records of that use. */
export function judgeMention(
  { urn, field, endpoint }: Mention,
  records: readonly Resource[],
  resources: readonly Resource[],
  places: Places,
): Finding {
  const [hosts, served] = [recordedHosts(records), servedNames(records)];
  const allowed = [...hosts, ...served].join(", ") || "nobody, for nothing is recorded";
  const wayOut = "Use one of these, or record where the other is and who runs it.";
  if (!endpoint)
    return { urn, field, state: "unverifiable", allowed, reason: "It is missing, unknown or can't be read.", wayOut };
  const isOf = (names: readonly string[]) => names.some((name) => endpoint === name || endpoint.startsWith(`${name}/`));
  const registry = endpoint.split("/")[0] as string;
  if (isOf(hosts) || (isOf(served) && isMirrored(registry, resources)))
    return { urn, field, state: "shown", read: endpoint };
  if (isOf(served)) {
    const reason = `A record says that a mirror serves it, but nodes have no mirror for ${registry}, and so pull from there.`;
    const mirror = `Add ${registry} to kjerne:supply, imageMirrors.`;
    return { urn, field, state: "violated", read: endpoint, allowed, reason, wayOut: mirror };
  }
  const reason = knownElsewhere(registry, places);
  if (reason) return { urn, field, state: "violated", read: endpoint, allowed, reason, wayOut };
  return { urn, field, state: "unverifiable", read: endpoint, allowed, reason: "Nobody recorded where it is.", wayOut };
}
