import type { Resource, Value } from "../rule";

/** Kinds of record, of type `kjerne:residency:…`: facts that no component acts on. Any program may register them. */
export type RecordKind = "Backup" | "State" | "Endpoints" | "Attestation" | "Transfer";

export function isRecord(resource: Resource, kind: RecordKind, ...names: readonly string[]): boolean {
  return resource.type === `kjerne:residency:${kind}` && (names.length === 0 || names.includes(resource.name));
}

/** Whether a value is a host name or an IP address. Messages repeat no other text, since it might be a secret. */
export function isHost(value: unknown): value is string {
  return typeof value === "string" && /^[\w.:-]+$/.test(value);
}

/** The host of an address: `s3://bucket?endpoint=https://s3.eksempel.no`, `https://mirror.eksempel.no:5000/apt`. */
export function hostOf(address: Value | undefined): string | undefined {
  const url = parse(address);
  const endpoint = url?.searchParams.get("endpoint");
  if (endpoint) return hostOf(endpoint.includes("://") ? endpoint : `https://${endpoint}`);
  return url?.hostname || undefined;
}

/** Undefined if the text is no address, which the rules then report. */
export function parse(address: Value | undefined): URL | undefined {
  return typeof address === "string" && URL.canParse(address) ? new URL(address) : undefined;
}

/** Scheme of a store that only one company offers → that company's host. */
const clouds: Readonly<Record<string, string>> = {
  "azblob:": "blob.core.windows.net",
  "azure:": "blob.core.windows.net",
  "gs:": "storage.googleapis.com",
  "gcs:": "storage.googleapis.com",
  "b2:": "backblazeb2.com",
};

/** The host of a store whose address names none, since its scheme does: S3 without an endpoint is Amazon's. */
export function cloudOf(address: Value | undefined): string | undefined {
  const url = parse(address);
  if (url?.protocol === "s3:" && !url.searchParams.get("endpoint")?.trim()) return "s3.amazonaws.com";
  return url && clouds[url.protocol];
}
