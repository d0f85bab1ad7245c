/** How rules read properties, so that a missing, unknown or malformed value never looks like a good one. */

import { type Finding, type Properties, unknown, type Value } from "./rule";

/**
 * The value at a path of names such as `spec.template.spec`: `undefined` if it is missing, `unknown` if it is unknown
 * or if something on the way to it is no object.
 */
export function at(value: Value | undefined, path: string): Value | undefined {
  let found = value;
  for (const name of path.split(".")) {
    if (found === undefined || found === null) return undefined;
    if (!isProperties(found)) return unknown;
    found = found[name];
  }
  return found ?? undefined;
}

/** The items of a list with their paths. A missing list has none; what is no list counts as one unknown item. */
export function itemsAt(value: Value | undefined, path: string): { field: string; item: Value }[] {
  const list = at(value, path);
  if (list === undefined) return [];
  if (!Array.isArray(list)) return [{ field: path, item: unknown }];
  return list.map((item: Value, index) => ({ field: `${path}[${index}]`, item }));
}

/** The entries of an object with their paths. A missing one has none; what is no object counts as one unknown entry. */
export function entriesAt(value: Value | undefined, path: string): { field: string; name: string; value: Value }[] {
  const found = at(value, path);
  if (found === undefined) return [];
  if (!isProperties(found)) return [{ field: path, name: "", value: unknown }];
  return Object.entries(found).map(([name, entry]) => ({ field: `${path}.${name}`, name, value: entry ?? null }));
}

export function isProperties(value: Value | undefined): value is Properties {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** What a rule demands of a field. */
export interface Demand {
  /** Whether the value is allowed; `undefined` if it is missing. Never called with an unknown value. */
  readonly allows: (value: Value | undefined) => boolean;
  /** What is allowed, in words: `NO, SE or DK`. */
  readonly allowed: string;
  readonly wayOut: string;
  /** Why other values are not allowed, as a whole sentence. */
  readonly reason?: string;
  /** Whether the value may be a secret, which no message may repeat. @default false */
  readonly confidential?: boolean;
}

/** Judges a value by a demand. An unknown value is `unverifiable`, whatever the demand. */
export function judged(urn: string, field: string, value: Value | undefined, demand: Demand): Finding {
  const { allows, allowed, wayOut, reason, confidential } = demand;
  if (value === unknown) {
    const notKnown = "The value is not known yet, or not in a form that can be read.";
    return { urn, field, state: "unverifiable", allowed, reason: notKnown, wayOut };
  }
  const read = confidential ? {} : { read: shown(value) };
  if (allows(value)) return { urn, field, state: "shown", ...read };
  return { urn, field, state: "violated", ...read, allowed, reason, wayOut };
}

/** A finding about what somebody wrote down: what is allowed there is `declared`, for no program can check it. */
export function declared(finding: Finding): Finding {
  return finding.state === "shown" ? { ...finding, state: "declared" } : finding;
}

/** Scalars and lists of texts as they are, other values only by their type: an object may hold secrets. */
function shown(value: Value | undefined): string {
  if (value === undefined || value === null) return "not set";
  if (Array.isArray(value)) return value.every((item) => typeof item === "string") ? value.join(", ") : "a list";
  return typeof value === "object" ? "an object" : String(value);
}
