/** How rules read a property: what is missing, not known or in no readable form never looks like a value. */

import { type Finding, type Properties, unknown, type Value } from "./rule";

/**
 * The value at a path of names such as `spec.template.spec`. Missing: `undefined`. Unknown, or a text or a list where a
 * name should lead on: `unknown`.
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

/** A list's items with their fields. A missing list has none; what is no list is one item that is unknown. */
export function itemsAt(value: Value | undefined, path: string): { field: string; item: Value }[] {
  const list = at(value, path);
  if (list === undefined) return [];
  if (!Array.isArray(list)) return [{ field: path, item: unknown }];
  return list.map((item: Value, index) => ({ field: `${path}[${index}]`, item }));
}

/** Names and values of an object; one unknown value where it can't be read. */
export function entriesAt(value: Value | undefined, path: string): { field: string; name: string; value: Value }[] {
  const found = at(value, path);
  if (found === undefined) return [];
  if (!isProperties(found)) return [{ field: path, name: "", value: unknown }];
  return Object.entries(found).map(([name, entry]) => ({ field: `${path}.${name}`, name, value: entry ?? null }));
}

export function isProperties(value: Value | undefined): value is Properties {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** What a field must hold. */
export interface Demand {
  /** Judges the value, `undefined` when it is missing. Never asked about what is unknown. */
  readonly allows: (value: Value | undefined) => boolean;
  /** What is allowed, in words. */
  readonly allowed: string;
  readonly wayOut: string;
  /** Why another value is not allowed. */
  readonly reason?: string;
  /** Whether the value can be a secret, and so is never repeated. @default false */
  readonly confidential?: boolean;
}

/** A value against a demand: unknown is `unverifiable`, whatever the demand. */
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

/** Scalars as they are, the rest by what they are: an object may hold anything. */
function shown(value: Value | undefined): string {
  if (value === undefined || value === null) return "not set";
  if (Array.isArray(value)) return value.every((item) => typeof item === "string") ? value.join(", ") : "a list";
  return typeof value === "object" ? "an object" : String(value);
}
