import { anyNode, isNode } from "../nodes";
import { at, declared, judged } from "../reading";
import type { Finding, Resource, Rule } from "../rule";
import { inNorway, keysAtHome, securityOfProcessing, transfers } from "./basis";
import type { Residency } from "./parameters";
import { judgeCountry, type Places, whyUnreadable } from "./places";
import { cloudOf, hostOf, isRecord } from "./record";
import { onPlaces } from "./recorded-transfers";
import { judgeName, knownElsewhere } from "./well-known";

const noBackups =
  "Nothing records where backups lie. Record each in kjerne:residency, backups; without any, have an owner accept it.";

const isBackup = (resource: Resource) => isRecord(resource, "Backup");

export const backupLocation = onPlaces({
  id: "RES-12",
  name: "backup-location",
  title: "Backups lie in an allowed country, with a company of an allowed country.",
  basis: [transfers, inNorway],
  reviewBy: "2027-05-20",
  severity: "critical",
  reads: ["kjerne:residency:Backup: country, store, operator.country, operator.parentCountry"],
  appliesTo: isBackup,
  ifNone: noBackups,
  judge: (backup, places) => [
    judgeCountry(backup, "country", places, "Choose a store in an allowed country."),
    judgeStore(backup, places),
    ...judgeOperator(backup, places),
  ],
});

/** Judges the country of a company and that of its owner. */
export function judgeOperator(resource: Resource, places: Places, prefix = "operator"): Finding[] {
  const wayOut = "Choose a company that is owned in an allowed country.";
  const { urn, properties } = resource;
  return [
    judgeName(urn, `${prefix}.name`, at(properties, `${prefix}.name`), places, `Name the company. ${wayOut}`),
    ...["country", "parentCountry"].map((seat) => judgeCountry(resource, `${prefix}.${seat}`, places, wayOut)),
  ];
}

function judgeStore({ urn, properties }: Resource, places: Places): Finding {
  const field = "store";
  const value = at(properties, field);
  const host = cloudOf(value) ?? hostOf(value);
  const wayOut = "Set store to an address that names its host, such as s3://etcd?endpoint=backup.eksempel.no.";
  if (!host) return { urn, field, state: "unverifiable", reason: whyUnreadable(value, "an address"), wayOut };
  const reason = knownElsewhere(host, places);
  return reason
    ? { urn, field, state: "violated", read: host, reason, wayOut }
    : { urn, field, state: "declared", read: host };
}

export const keyCustody = onPlaces({
  id: "RES-08",
  name: "key-custody",
  title: "Backups are encrypted before they leave, and their keys are held in an allowed country.",
  basis: [keysAtHome, securityOfProcessing],
  reviewBy: "2027-05-20",
  severity: "critical",
  reads: ["kjerne:residency:Backup: key.country, key.custodian, encryptedBeforeTransfer"],
  appliesTo: isBackup,
  ifNone: noBackups,
  judge: (backup, places) => [
    ...judgeKey(backup, places),
    declared(
      judged(backup.urn, "encryptedBeforeTransfer", at(backup.properties, "encryptedBeforeTransfer"), {
        allows: (found) => found === true,
        allowed: "true",
        reason: "Whoever runs the store could read it.",
        wayOut: "Encrypt before the copy leaves the cluster, with a key that the store never sees.",
        confidential: typeof at(backup.properties, "encryptedBeforeTransfer") !== "boolean",
      }),
    ),
  ],
});

/** Judges who holds a key: the custodian is named, and is in an allowed country. */
export function judgeKey(resource: Resource, places: Places): Finding[] {
  const { urn, properties } = resource;
  const wayOut = "Name who holds the key, somebody in an allowed country.";
  return [
    judgeName(urn, "key.custodian", at(properties, "key.custodian"), places, wayOut),
    judgeCountry(resource, "key.country", places, "Give the key to somebody in an allowed country."),
  ];
}

export const backupElsewhere: Rule<Residency> = {
  id: "RES-28",
  name: "backup-elsewhere",
  title: "At least one backup lies in another city than the nodes.",
  basis: [securityOfProcessing],
  reviewBy: "2027-05-20",
  severity: "medium",
  reads: ["kjerne:residency:Backup: city", `${anyNode}: site.city`],
  scope: "together",
  appliesTo: (resource) => isBackup(resource) || isNode(resource),
  ifNone: noBackups,
  check: (resources) => {
    const backups = resources.filter(isBackup);
    if (backups.length === 0) return [{ urn: "", field: "", state: "unverifiable", reason: noBackups }];
    const nodes = resources.filter(isNode);
    const noCity = [
      ...nodes.flatMap((node) => judgeCity(node, "site.city")),
      ...backups.flatMap((backup) => judgeCity(backup, "city")),
    ];
    if (noCity.length > 0) return noCity;
    const nodeCities = nodes.map(({ properties }) => at(properties, "site.city"));
    const away = backups.find(({ properties }) => !nodeCities.includes(at(properties, "city")));
    return [away ? { urn: away.urn, field: "city", state: "declared" } : sameCity(backups[0] as Resource)];
  },
};

function judgeCity({ urn, properties }: Resource, field: string): Finding[] {
  const value = at(properties, field);
  if (typeof value === "string" && value !== "") return [];
  return [{ urn, field, state: "unverifiable", reason: whyUnreadable(value, "a city"), wayOut: "Name the city." }];
}

function sameCity({ urn }: Resource): Finding {
  const reason = "A fire or a flood would take the nodes and every copy.";
  return {
    urn,
    field: "city",
    state: "violated",
    reason,
    wayOut: "Keep a copy in another city, and record its city.",
  };
}
