import { parse } from "yaml";

/** Keys and values of an object in a file of a branch, of which nothing is known. */
export type Fields = Readonly<Record<string, unknown>>;

/** A text that is no YAML has no fields here; the preview reports it. */
export function fields(text = ""): Fields {
  try {
    return fieldsOf(parse(text));
  } catch {
    return {};
  }
}

export const fieldsOf = (value: unknown): Fields =>
  typeof value === "object" && value !== null ? (value as Fields) : {};

export const word = (value: unknown) => (typeof value === "string" && value !== "" ? value : undefined);
