import { at } from "../reading";
import type { Finding, Resource, Value } from "../rule";
import { unknown } from "../rule";
import { inNorway } from "./basis";
import type { Residency } from "./parameters";

/** Countries of the EEA: the 27 of the EU, Iceland, Liechtenstein and Norway, by ISO 3166-1. */
export const eea = "AT BE BG HR CY CZ DK EE FI FR DE GR HU IE IT LV LT LU MT NL PL PT RO SK SI ES SE IS LI NO".split(
  " ",
);

const profiles: Readonly<Record<Residency["profile"], { countries: readonly string[]; inWords: string }>> = {
  norway: { countries: ["NO"], inWords: "NO" },
  eea: { countries: eea, inWords: "a country of the EEA" },
};

export function countriesOf({ profile }: Residency) {
  return profiles[profile];
}

/** Judges the country code in a resource by the pack's profile. No message repeats a value that is no country code. */
export function judgeCountry(resource: Resource, field: string, parameters: Residency, wayOut: string): Finding {
  return judgeCountryValue(resource.urn, field, at(resource.properties, field), parameters, wayOut);
}

export function judgeCountryValue(
  urn: string,
  field: string,
  value: Value | undefined,
  parameters: Residency,
  wayOut: string,
): Finding {
  const { countries, inWords: allowed } = countriesOf(parameters);
  if (typeof value !== "string" || !/^[A-Z]{2}$/.test(value)) {
    return { urn, field, state: "unverifiable", allowed, reason: whyUnreadable(value, "a country code"), wayOut };
  }
  if (countries.includes(value)) return { urn, field, state: "shown", read: value };
  // Within the EEA no law is broken: what is violated is what the customer asks.
  const basis = eea.includes(value) ? { basis: inNorway } : {};
  return { urn, field, state: "violated", read: value, allowed, wayOut, ...basis };
}

/**
 * Why a value can't be judged, as a sentence.
 *
 * @param what - what the value should be: `a country code`
 */
export function whyUnreadable(value: Value | undefined, what: string): string {
  if (value === unknown) return "It is known only after the change is made, so nobody can review it.";
  return value === undefined || value === null || value === "" ? "It is missing." : `It is not ${what}.`;
}

/** Well-known services by the end of their host name, with the country whose law reaches all their machines. */
const known: readonly { host: string; country: string; who: string }[] = [
  { host: "docker.io", country: "US", who: "Docker Hub, run by Docker Inc. in the US" },
  { host: "docker.com", country: "US", who: "Docker Inc. in the US" },
  { host: "quay.io", country: "US", who: "Quay, run by Red Hat in the US" },
  { host: "ghcr.io", country: "US", who: "GitHub, run by Microsoft in the US" },
  { host: "github.com", country: "US", who: "GitHub, run by Microsoft in the US" },
  { host: "gcr.io", country: "US", who: "Google in the US" },
  { host: "pkg.dev", country: "US", who: "Google in the US" },
  { host: "k8s.io", country: "US", who: "served from the clouds of Google and Amazon in the US" },
  { host: "mcr.microsoft.com", country: "US", who: "Microsoft in the US" },
  { host: "public.ecr.aws", country: "US", who: "Amazon in the US" },
  { host: "amazonaws.com", country: "US", who: "Amazon in the US" },
  { host: "googleapis.com", country: "US", who: "Google in the US" },
  { host: "google.com", country: "US", who: "Google in the US" },
  { host: "windows.net", country: "US", who: "Microsoft in the US" },
  { host: "azure.com", country: "US", who: "Microsoft in the US" },
  { host: "windows.com", country: "US", who: "Microsoft in the US" },
  { host: "apple.com", country: "US", who: "Apple in the US" },
  { host: "wasabisys.com", country: "US", who: "Wasabi in the US" },
  { host: "backblazeb2.com", country: "US", who: "Backblaze in the US" },
  { host: "backblaze.com", country: "US", who: "Backblaze in the US" },
  { host: "digitaloceanspaces.com", country: "US", who: "DigitalOcean in the US" },
  { host: "cloudflarestorage.com", country: "US", who: "Cloudflare in the US" },
  { host: "cloudflare.com", country: "US", who: "Cloudflare in the US" },
  { host: "letsencrypt.org", country: "US", who: "Let's Encrypt, run by ISRG in the US" },
  { host: "pulumi.com", country: "US", who: "Pulumi Cloud, run by Pulumi Corporation in the US" },
  { host: "discovery.etcd.io", country: "US", who: "the public etcd discovery service" },
  { host: "8.8.8.8", country: "US", who: "Google in the US" },
  { host: "8.8.4.4", country: "US", who: "Google in the US" },
  { host: "1.1.1.1", country: "US", who: "Cloudflare in the US" },
  { host: "1.0.0.1", country: "US", who: "Cloudflare in the US" },
  { host: "9.9.9.9", country: "CH", who: "Quad9 in Switzerland" },
];

/**
 * Why a host is not allowed, whatever the program records about it: it is a well-known service under foreign law.
 * Undefined for all other hosts.
 */
export function knownElsewhere(host: string, parameters: Residency): string | undefined {
  const name = host.toLowerCase().replace(/\.+$/, "");
  const found = known.find((service) => name === service.host || name.endsWith(`.${service.host}`));
  if (!found || countriesOf(parameters).countries.includes(found.country)) return undefined;
  return `It is ${found.who}, whose law reaches it wherever its machines stand.`;
}
