import { at } from "../reading";
import type { Finding, Resource } from "../rule";
import { judgeKey, judgeOperator } from "./backups";
import { foreignReach, keysAtHome, transfers } from "./basis";
import { judgeCountry, type Places, whyUnreadable } from "./places";
import { cloudOf, hostOf, isRecord, parse } from "./record";
import { onPlaces } from "./recorded-transfers";
import { knownElsewhere } from "./well-known";

const isState = (resource: Resource) => isRecord(resource, "State");

const noState =
  "Nothing records where Pulumi keeps this stack's state, and who holds its key. Record both in kjerne:residency, state.";

export const stateBackend = onPlaces({
  id: "RES-13",
  name: "state-backend",
  title: "Pulumi's state lies in an allowed country, with a company of an allowed country.",
  basis: [foreignReach, transfers],
  reviewBy: "2027-05-20",
  severity: "critical",
  reads: ["kjerne:residency:State: backend, country, operator.country, operator.parentCountry"],
  appliesTo: isState,
  ifNone: noState,
  judge: (state, places) => [
    judgeBackend(state, places),
    judgeCountry(state, "country", places, "Choose a backend in an allowed country."),
    ...judgeOperator(state, places),
  ],
});

function judgeBackend({ urn, properties }: Resource, places: Places): Finding {
  const field = "backend";
  const value = at(properties, field);
  const wayOut = "Log in to a backend of your own: pulumi login file://~ or s3://state?endpoint=s3.eksempel.no.";
  const url = parse(value);
  if (!url) return { urn, field, state: "unverifiable", reason: whyUnreadable(value, "a backend's address"), wayOut };
  if (url.protocol === "file:") return { urn, field, state: "declared", read: "file://" };
  const host = cloudOf(value) ?? hostOf(url.href);
  if (!host) return { urn, field, state: "unverifiable", reason: "It names no host.", wayOut };
  const reason = knownElsewhere(host, places);
  if (!reason) return { urn, field, state: "declared", read: host };
  return {
    urn,
    field,
    state: "violated",
    read: host,
    reason: `${reason} The state describes the whole installation, keys included.`,
    wayOut,
  };
}

export const stateSecrets = onPlaces({
  id: "RES-14",
  name: "state-secrets",
  title: "Secrets in Pulumi's state are encrypted with a key that is held in an allowed country.",
  basis: [keysAtHome, foreignReach],
  reviewBy: "2027-05-20",
  severity: "critical",
  reads: ["kjerne:residency:State: secretsProvider, key.custodian, key.country"],
  appliesTo: isState,
  ifNone: noState,
  judge: (state, places) => [judgeProvider(state), ...judgeKey(state, places)],
});

/** Scheme of a secrets provider whose key a company in the US holds → a sentence that says so. */
const keyServices: Readonly<Record<string, string>> = {
  default: "Pulumi Cloud holds the key, a company in the US.",
  service: "Pulumi Cloud holds the key, a company in the US.",
  awskms: "Amazon holds the key, a company in the US.",
  gcpkms: "Google holds the key, a company in the US.",
  azurekeyvault: "Microsoft holds the key, a company in the US.",
};

function judgeProvider({ urn, properties }: Resource): Finding {
  const field = "secretsProvider";
  const value = at(properties, field);
  const scheme = typeof value === "string" ? (value.split(":")[0] as string) : "";
  const allowed = "passphrase or hashivault";
  const wayOut = "Change it with pulumi stack change-secrets-provider passphrase, and give the passphrase a custodian.";
  if (scheme === "passphrase" || scheme === "hashivault") return { urn, field, state: "declared", read: scheme };
  const reason = keyServices[scheme];
  if (reason) return { urn, field, state: "violated", read: scheme, allowed, reason, wayOut };
  return {
    urn,
    field,
    state: "unverifiable",
    allowed,
    reason: whyUnreadable(value, "a known secrets provider"),
    wayOut,
  };
}
