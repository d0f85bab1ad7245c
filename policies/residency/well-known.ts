import type { Finding, Value } from "../rule";
import { isAllowed, type Places, whyUnreadable } from "./places";

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
export function knownElsewhere(host: string, places: Places): string | undefined {
  const name = host.toLowerCase().replace(/\.+$/, "");
  const found = known.find((service) => name === service.host || name.endsWith(`.${service.host}`));
  if (!found || isAllowed(found.country, places)) return undefined;
  return `It is ${found.who}, whose law reaches it wherever its machines stand.`;
}

/** Companies whose names people write down, with the country whose law reaches them. */
const companies: readonly { called: RegExp; company: string; country: string }[] = [
  { called: /\b(amazon|aws)\b/i, company: "Amazon", country: "US" },
  { called: /\bgoogle\b|\bgcp\b/i, company: "Google", country: "US" },
  { called: /\b(microsoft|azure)\b/i, company: "Microsoft", country: "US" },
  { called: /\bcloudflare\b/i, company: "Cloudflare", country: "US" },
  { called: /\bdigital ?ocean\b/i, company: "DigitalOcean", country: "US" },
  { called: /\boracle\b/i, company: "Oracle", country: "US" },
  { called: /\b(ibm|red ?hat)\b/i, company: "IBM", country: "US" },
  { called: /\bpulumi\b/i, company: "Pulumi Corporation", country: "US" },
  { called: /\bdocker\b/i, company: "Docker Inc.", country: "US" },
  { called: /\bgithub\b/i, company: "GitHub, of Microsoft,", country: "US" },
  { called: /\bwasabi\b/i, company: "Wasabi", country: "US" },
  { called: /\bbackblaze\b/i, company: "Backblaze", country: "US" },
  { called: /\balibaba\b/i, company: "Alibaba", country: "CN" },
  { called: /\btencent\b/i, company: "Tencent", country: "CN" },
  { called: /\bhuawei\b/i, company: "Huawei", country: "CN" },
];

/** Judges the name of a company or of a person: there is one, and it is none of a well-known company elsewhere. */
export function judgeName(
  urn: string,
  field: string,
  value: Value | undefined,
  places: Places,
  wayOut: string,
): Finding {
  if (typeof value !== "string" || value.trim() === "") {
    const blank = typeof value === "string" ? undefined : value;
    return { urn, field, state: "unverifiable", reason: whyUnreadable(blank, "a name"), wayOut };
  }
  const known = companies.find(({ called, country }) => called.test(value) && !isAllowed(country, places));
  if (!known) return { urn, field, state: "declared" };
  const reason = `The law of ${known.country} reaches ${known.company} wherever its machines stand.`;
  return { urn, field, state: "violated", read: known.company, reason, wayOut };
}
