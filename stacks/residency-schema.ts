import { z } from "zod";
import { withoutCredentials } from "../node-config/values/locations";
import { hostName, server } from "../node-config/values/names";
import { line, type Rule, text } from "../node-config/values/rule";

/**
 * Facts about where data and control lie that no component acts on, or that no program can observe. The stack records
 * them all the same: policy packs judge them in every preview, and a pull request shows how they change.
 */

const names = new Intl.DisplayNames("en", { type: "region", fallback: "none" });
/** In the list of regions and in no list of countries: for users, for groups of countries, and for none. */
const noCountries = /^(A[AC]|CP|DG|E[AUZ]|IC|Q[M-Z]|TA|UN|X[A-Z]|ZZ)$/;

const countryCode: Rule = (code) => {
  if (!/^[A-Z]{2}$/.test(code) || !names.of(code) || noCountries.test(code)) {
    return "is not an ISO 3166-1 country code such as NO";
  }
  const { region } = new Intl.Locale(`und-${code}`);
  return region === code ? undefined : `is no longer a code of ISO 3166-1; write ${region}`;
};

/** Any address with a scheme, without user and password. */
const address: Rule = (value) =>
  withoutCredentials(value) ??
  (URL.canParse(value) ? undefined : "is not an address such as s3://etcd?endpoint=backup.eksempel.no");

const hostOrAddress: Rule = (value) =>
  /^[0-9A-Fa-f:]*:[0-9A-Fa-f:.]*$/.test(value) || server(value) === undefined
    ? undefined
    : "is not a host name or an address";

export const country = text(countryCode);
const recordName = text(hostName);

/** Where a company is registered, and where its ultimate owner is. The law of both countries reaches what it runs. */
export const company = z.strictObject({ name: line, country, parentCountry: country });

/** Who can use an encryption key, and from which country. */
const key = z.strictObject({ custodian: line, country });

const backup = z.strictObject({
  name: recordName,
  /** What it is a copy of: `etcd`, `volumes`. */
  holds: line,
  /** Address without user and password: `s3://etcd?endpoint=backup.eksempel.no`, `sftp://backup.eksempel.no/etcd`. */
  store: text(address),
  country,
  city: line,
  operator: company,
  key,
  /** Whether the copy is encrypted before it leaves the cluster. */
  encryptedBeforeTransfer: z.boolean(),
});

const state = z.strictObject({
  /** The argument of `pulumi login`: `s3://state?endpoint=s3.eksempel.no`, `file://`. */
  backend: text(withoutCredentials),
  country,
  operator: company,
  /** `passphrase`, or the value of `pulumi stack init --secrets-provider`. */
  secretsProvider: text(withoutCredentials),
  key,
});

const endpoint = z.strictObject({
  /** Name or address, without port. */
  host: text(hostOrAddress),
  country,
  operator: company,
  /** Registries that this one mirrors, as they stand in image names: `registry.k8s.io`, `docker.io/calico`. */
  serves: z.array(line).optional(),
});

/** Hosts that receive requests for one purpose. An empty list says that there are none. */
const endpoints = z.array(endpoint);

const attestation = z.strictObject({
  about: z.enum([
    "operator",
    "support",
    "nsm-factor-1",
    "nsm-factor-2",
    "nsm-factor-3",
    "nsm-factor-4",
    "nsm-factor-5",
    "nsm-factor-6",
  ]),
  /** What is attested, in a sentence or two, and where the documents are. */
  statement: text((value) =>
    value.trim().length < 20
      ? "is shorter than 20 characters; write what was looked at, and where the documents are"
      : undefined,
  ),
  /** Role and company: `Head of security, Eksempel Drift AS`. */
  by: line,
  /** Last day on which it is valid: `2027-06-30`. */
  until: z.iso.date('is not a day in quotes such as "2027-06-30"'),
});

/** Data or access that leaves the EEA. */
const transfer = z.strictObject({
  to: country,
  /** GDPR article 45, 46 or 49. */
  ground: z.enum(["adequacy", "safeguards", "derogation"]),
  /** What was assessed, and where the assessment is. */
  statement: text((value) =>
    value.trim().length < 20
      ? "is shorter than 20 characters; write what was looked at, and where the documents are"
      : undefined,
  ),
  /** Role and company that is responsible for it. */
  by: line,
  /** Last day on which it is valid, at most 90 days ahead: `2027-01-31`. */
  until: z.iso.date('is not a day in quotes such as "2027-01-31"'),
});

export const residency = z.strictObject({
  /** Every copy of data outside the nodes. */
  backups: z.array(backup),
  /** Where Pulumi keeps the state of this stack, which describes the whole installation. */
  state,
  /** All hosts that nodes and pods send requests to, by purpose. */
  endpoints: z.strictObject({
    registry: endpoints,
    packages: endpoints,
    time: endpoints,
    dns: endpoints,
    acme: endpoints,
    telemetry: endpoints,
    discovery: endpoints,
    logs: endpoints,
    /** Other hosts that workloads and commands connect to. */
    services: endpoints.optional(),
  }),
  attestations: z.array(attestation),
  /** One for each country outside the EEA that occurs above. */
  transfers: z.array(transfer).default([]),
});
