import { z } from "zod";

/**
 * Facts about where data and control lie that no component acts on, or that no program can observe. The stack records
 * them all the same: policy packs judge them in every preview, and a pull request shows how they change.
 */

export const country = z.string().regex(/^[A-Z]{2}$/, "is not an ISO 3166-1 country code such as NO");
const recordName = z.string().regex(/^[a-z][a-z0-9-]{0,40}$/, "is not lower-case letters, digits and hyphens");

/** Where a company is registered, and where its ultimate owner is. The law of both countries reaches what it runs. */
export const company = z.strictObject({ name: z.string(), country, parentCountry: country });

/** Who can use an encryption key, and from which country. */
const key = z.strictObject({ custodian: z.string(), country });

const backup = z.strictObject({
  name: recordName,
  /** What it is a copy of: `etcd`, `volumes`. */
  holds: z.string(),
  /** Address without user and password: `s3://etcd?endpoint=backup.eksempel.no`, `sftp://backup.eksempel.no/etcd`. */
  store: z.url(),
  country,
  city: z.string(),
  operator: company,
  key,
  /** Whether the copy is encrypted before it leaves the cluster. */
  encryptedBeforeTransfer: z.boolean(),
});

const state = z.strictObject({
  /** The argument of `pulumi login`: `s3://state?endpoint=s3.eksempel.no`, `file://`. */
  backend: z.string(),
  country,
  operator: company,
  /** `passphrase`, or the value of `pulumi stack init --secrets-provider`. */
  secretsProvider: z.string(),
  key,
});

const endpoint = z.strictObject({
  /** Name or address, without port. */
  host: z.string().regex(/^[A-Za-z0-9.:-]+$/, "is not a host name or an address"),
  country,
  operator: company,
  /** Registries that this one mirrors, as they stand in image names: `registry.k8s.io`, `docker.io/calico`. */
  serves: z.array(z.string()).optional(),
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
  statement: z.string().min(20),
  /** Role and company: `Head of security, Eksempel Drift AS`. */
  by: z.string(),
  /** Last day on which it is valid: `2027-06-30`. */
  until: z.iso.date('is not a day in quotes such as "2027-06-30"'),
});

/** Data or access that leaves the EEA. */
const transfer = z.strictObject({
  to: country,
  /** GDPR article 45, 46 or 49. */
  ground: z.enum(["adequacy", "safeguards", "derogation"]),
  /** What was assessed, and where the assessment is. */
  statement: z.string().min(20),
  /** Role and company that is responsible for it. */
  by: z.string(),
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
  }),
  attestations: z.array(attestation),
  /** One for each country outside the EEA that occurs above. */
  transfers: z.array(transfer).default([]),
});
