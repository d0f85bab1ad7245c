import type { Resource, Value } from "../rule";

/** The kinds of `kjerne:residency:…`: facts that no component acts on. Any program may register such resources. */
export type RecordKind = "Backup" | "State" | "Endpoints" | "Attestation" | "Transfer";

export function isRecord(resource: Resource, kind: RecordKind, ...names: readonly string[]): boolean {
  return resource.type === `kjerne:residency:${kind}` && (names.length === 0 || names.includes(resource.name));
}

/** A name or an address, and nothing that could be a secret's text: only such values are repeated in messages. */
export function isHost(value: unknown): value is string {
  return typeof value === "string" && /^[\w.:-]+$/.test(value);
}

/** The host of an address such as `s3://bucket?endpoint=https://s3.eksempel.no` or `https://mirror.eksempel.no:5000/apt`. */
export function hostOf(address: Value | undefined): string | undefined {
  const url = parse(address);
  const endpoint = url?.searchParams.get("endpoint");
  if (endpoint) return hostOf(endpoint.includes("://") ? endpoint : `https://${endpoint}`);
  return url?.hostname || undefined;
}

/** Undefined where it is no address: the rule says so. */
export function parse(address: Value | undefined): URL | undefined {
  return typeof address === "string" && URL.canParse(address) ? new URL(address) : undefined;
}
