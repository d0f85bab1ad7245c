import { z } from "zod";

/**
 * Facts about where data and control lie that no component acts on, or that no program can see. They are recorded all
 * the same: the policy packs judge them in every preview, and a change of them shows in the pull request.
 */

export const country = z.string().regex(/^[A-Z]{2}$/, "is not an ISO 3166-1 country code such as NO");
const recordName = z.string().regex(/^[a-z][a-z0-9-]{0,40}$/, "is not lower-case letters, digits and hyphens");

/** Where a company sits, and where its ultimate owner sits: the law of both reaches what it runs. */
export const company = z.strictObject({ name: z.string(), country, parentCountry: country });

/** Who can turn the key, and from where. */
const key = z.strictObject({ custodian: z.string(), country });

const backup = z.strictObject({
  name: recordName,
  /** What is in it: `etcd`, `volumes`. */
  holds: z.string(),
  /** Without user and password: `s3://etcd?endpoint=backup.eksempel.no`, `sftp://backup.eksempel.no/etcd`. */
  store: z.url(),
  country,
  city: z.string(),
  operator: company,
  key,
  /** Whether it is encrypted before it leaves the cluster. */
  encryptedBeforeTransfer: z.boolean(),
});

const state = z.strictObject({
  /** What `pulumi login` gets: `s3://state?endpoint=s3.eksempel.no`, `file://`. */
  backend: z.string(),
  country,
  operator: company,
  /** `passphrase`, or what `pulumi stack init --secrets-provider` gets. */
  secretsProvider: z.string(),
  key,
});

const endpoint = z.strictObject({
  /** Name or address, without port. */
  host: z.string().regex(/^[A-Za-z0-9.:-]+$/, "is not a host name or an address"),
  country,
  operator: company,
  /** What a mirror holds of others, as it stands in image names: `registry.k8s.io`, `docker.io/calico`. */
  serves: z.array(z.string()).optional(),
});

/** An empty list says: none is asked. */
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
  /** What is vouched for, in a sentence or two; where the papers are. */
  statement: z.string().min(20),
  /** Role and company: `Head of security, Eksempel Drift AS`. */
  by: z.string(),
  /** Last day on which it counts: `2027-06-30`. */
  until: z.iso.date('is not a day in quotes such as "2027-06-30"'),
});

/** Data or access that goes outside the EEA. */
const transfer = z.strictObject({
  to: country,
  /** GDPR article 45, 46 or 49. */
  ground: z.enum(["adequacy", "safeguards", "derogation"]),
  /** What was assessed, and where the assessment is. */
  statement: z.string().min(20),
  /** Role and company that answers for it. */
  by: z.string(),
  /** Last day on which it counts, at most 90 days ahead: `2027-01-31`. */
  until: z.iso.date('is not a day in quotes such as "2027-01-31"'),
});

export const residency = z.strictObject({
  /** Every copy outside the nodes. */
  backups: z.array(backup),
  /** The state of the stack itself: it describes the whole installation. */
  state,
  /** Everybody that nodes and pods ask, by what for. */
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
  /** One for each country outside the EEA that anything above names. */
  transfers: z.array(transfer).default([]),
});
