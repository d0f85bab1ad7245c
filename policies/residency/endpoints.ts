import { at, itemsAt } from "../reading";
import type { Basis, Finding, Resource, Rule } from "../rule";
import { foreignReach, inNorway, nationalControl, remoteAccess, transfers } from "./basis";
import { judgeMention } from "./judge-mention";
import { acme, images, type Mentions, nameServers, noMentions, packages, timeServers } from "./mentions";
import type { Residency } from "./parameters";
import { judgeCountryValue, type Places, whyUnreadable } from "./places";
import { isHost, isRecord } from "./record";
import { isTransfer, readsTransfers, withTransfers } from "./recorded-transfers";
import { judgeName, knownElsewhere } from "./well-known";

interface Use {
  readonly id: string;
  readonly name: string;
  /** Name of the `kjerne:residency:Endpoints` record: `dns`. */
  readonly use: string;
  /** Completes "who is asked for …": `names (DNS)`. */
  readonly what: string;
  readonly basis: readonly [Basis, ...Basis[]];
  readonly severity: Rule["severity"];
  readonly mentions: Mentions;
}

const uses: readonly Use[] = [
  {
    id: "RES-16",
    name: "log-location",
    use: "logs",
    what: "logs, audit and metrics",
    basis: [transfers, inNorway],
    severity: "high",
    mentions: noMentions,
  },
  {
    id: "RES-17",
    name: "name-servers",
    use: "dns",
    what: "names (DNS)",
    basis: [nationalControl, inNorway],
    severity: "medium",
    mentions: nameServers,
  },
  {
    id: "RES-18",
    name: "image-registry",
    use: "registry",
    what: "container images",
    basis: [nationalControl, foreignReach],
    severity: "high",
    mentions: images,
  },
  {
    id: "RES-20",
    name: "package-source",
    use: "packages",
    what: "packages",
    basis: [nationalControl, foreignReach],
    severity: "high",
    mentions: packages,
  },
  {
    id: "RES-29",
    name: "certificate-authority",
    use: "acme",
    what: "certificates (ACME)",
    basis: [foreignReach, inNorway],
    severity: "medium",
    mentions: acme,
  },
  {
    id: "RES-30",
    name: "discovery",
    use: "discovery",
    what: "discovery and version look-ups",
    basis: [remoteAccess, inNorway],
    severity: "medium",
    mentions: noMentions,
  },
  {
    id: "RES-37",
    name: "time-servers",
    use: "time",
    what: "the time",
    basis: [nationalControl, inNorway],
    severity: "medium",
    mentions: timeServers,
  },
  {
    id: "RES-38",
    name: "telemetry-location",
    use: "telemetry",
    what: "telemetry",
    basis: [transfers, inNorway],
    severity: "high",
    mentions: noMentions,
  },
];

/** One rule for each use: all its hosts are recorded, and are in an allowed country. */
export const endpointRules: readonly Rule<Residency>[] = uses.map(({ use, what, mentions, ...rule }) => ({
  ...rule,
  title: `Who is asked for ${what} is recorded, and sits in an allowed country.`,
  reviewBy: "2027-05-20",
  reads: [`kjerne:residency:Endpoints ${use}: hosts`, ...mentions.reads, readsTransfers],
  scope: "together",
  appliesTo: (resource) => isRecord(resource, "Endpoints", use) || mentions.appliesTo(resource) || isTransfer(resource),
  ifNone: notRecorded(use, what),
  check: (resources, parameters) => {
    const records = resources.filter((resource) => isRecord(resource, "Endpoints", use));
    const mentioned = resources.flatMap(mentions.find);
    const places = withTransfers(resources, parameters);
    return [
      ...records.flatMap((record) => judgeRecord(record, places)),
      ...mentioned.map((mention) => judgeMention(mention, records, resources, places)),
      ...(records.length > 0 || mentioned.length > 0
        ? []
        : [{ urn: "", field: "", state: "unverifiable", reason: notRecorded(use, what) } satisfies Finding]),
    ];
  },
}));

function notRecorded(use: string, what: string): string {
  return `Nothing records who is asked for ${what}. Record it in kjerne:residency, endpoints.${use}; an empty list says nobody.`;
}

function judgeRecord({ urn, properties }: Resource, places: Places): Finding[] {
  const wayOut = "Ask somebody in an allowed country.";
  const hosts = at(properties, "hosts");
  if (!Array.isArray(hosts)) {
    return [
      {
        urn,
        field: "hosts",
        state: "unverifiable",
        reason: whyUnreadable(hosts, "a list"),
        wayOut: "List the hosts; an empty list says nobody.",
      },
    ];
  }
  if (hosts.length === 0) return [{ urn, field: "hosts", state: "declared", read: "nobody" }];
  return itemsAt(properties, "hosts").flatMap(({ field, item }) => [
    judgeHost(urn, `${field}.host`, at(item, "host"), places),
    judgeName(urn, `${field}.operator.name`, at(item, "operator.name"), places, `Name the company. ${wayOut}`),
    ...["country", "operator.country", "operator.parentCountry"].map((path) =>
      judgeCountryValue(urn, `${field}.${path}`, at(item, path), places, wayOut),
    ),
  ]);
}

function judgeHost(urn: string, field: string, value: unknown, places: Places): Finding {
  const wayOut = "Name the host without port, and choose one in an allowed country.";
  if (!isHost(value)) {
    return { urn, field, state: "unverifiable", reason: "It is missing, unknown or not a host.", wayOut };
  }
  const reason = knownElsewhere(value, places);
  return reason
    ? { urn, field, state: "violated", read: value, reason, wayOut }
    : { urn, field, state: "declared", read: value };
}
