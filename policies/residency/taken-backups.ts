import { at, itemsAt } from "../reading";
import type { Finding, Resource, Rule } from "../rule";
import { securityOfProcessing, transfers } from "./basis";
import type { Residency } from "./parameters";
import { whyUnreadable } from "./places";
import { hostOf, isRecord } from "./record";

const etcdBackup = "kjerne:cluster:EtcdBackup";
const isTaken = ({ type }: Resource) => type === etcdBackup;

/** The record is what other rules judge: country and company (RES-12), who has the key (RES-08), another city (RES-28). */
export const takenBackups: Rule<Residency> = {
  id: "RES-43",
  name: "taken-backups",
  title: "Backups of etcd go where a record says that they lie, encrypted to named recipients.",
  basis: [transfers, securityOfProcessing],
  reviewBy: "2027-05-20",
  severity: "critical",
  reads: [`${etcdBackup}: store, recipients`, "kjerne:residency:Backup: store"],
  scope: "together",
  appliesTo: (resource) => isTaken(resource) || isRecord(resource, "Backup"),
  check: (resources) => {
    const records = resources.filter((resource) => isRecord(resource, "Backup"));
    const stores = records.map(({ properties }) => at(properties, "store"));
    return resources.filter(isTaken).flatMap((taken) => [
      judgeStore(
        taken,
        stores.filter((store) => typeof store === "string"),
      ),
      judgeRecipients(taken),
    ]);
  },
};

function judgeStore({ urn, properties }: Resource, recorded: readonly string[]): Finding {
  const field = "store";
  const store = at(properties, field);
  const allowed = recorded.map(placeOf).join(", ") || "none, for no backup is recorded";
  const wayOut = "Record this place with its country, company and key: kjerne:residency, backups, store.";
  if (typeof store !== "string")
    return { urn, field, state: "unverifiable", allowed, reason: whyUnreadable(store, "an address"), wayOut };
  if (recorded.includes(store)) return { urn, field, state: "shown", read: placeOf(store) };
  const isNear = recorded.map(placeOf).includes(placeOf(store));
  const reason = isNear ? "What is recorded there has another bucket, path or spelling." : "Nobody says where that is.";
  return { urn, field, state: "violated", read: placeOf(store), allowed, reason, wayOut };
}

/** Without what a message may not repeat: a path or a query may hold a secret. */
function placeOf(store: string): string {
  return hostOf(store) ?? "a directory";
}

function judgeRecipients({ urn, properties }: Resource): Finding {
  const field = "recipients";
  const recipients = itemsAt(properties, field).map(({ item }) => item);
  const wayOut = "Name a public key of age, age1…, whose private key the store never sees.";
  if (recipients.length > 0 && recipients.every((one) => typeof one === "string" && /^age1[a-z0-9]+$/.test(one)))
    return { urn, field, state: "shown", read: `${recipients.length} public keys` };
  return { urn, field, state: "unverifiable", reason: "Nobody says who alone can read them.", wayOut };
}
