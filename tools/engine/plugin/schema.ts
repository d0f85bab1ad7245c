import { isMap, isSecret, type Properties, secret, unknownValue } from "./property-values";

/** What a property holds. An object has properties of its own. */
export type PropertyType = "any" | "boolean" | "integer" | "list" | "number" | "string" | "strings" | "texts" | Schema;

export interface Property {
  readonly type: PropertyType;
  /** Whether a program must set it. @default false */
  readonly required?: boolean;
  /** Whether it is a secret even if the program does not mark it. @default false */
  readonly secret?: boolean;
}

/** Properties by name, as in the official provider's schema. */
export type Schema = Readonly<Record<string, Property>>;

/** A mistake in a property. It never shows the value, which may be a secret. */
export interface Failure {
  readonly property: string;
  readonly reason: string;
}

/** How each type is named to the author of a program, and what belongs to it. */
const types: Readonly<Record<Exclude<PropertyType, Schema>, [name: string, holds: (value: unknown) => boolean]>> = {
  any: ["anything", () => true],
  boolean: ["a boolean", (value) => typeof value === "boolean"],
  integer: ["a whole number", Number.isInteger],
  list: ["a list", Array.isArray],
  number: ["a number", (value) => typeof value === "number"],
  string: ["a string", isText],
  strings: ["a list of strings", (value) => Array.isArray(value) && value.every(isText)],
  texts: ["a map of strings", (value) => isMap(value) && Object.values(value).every(isText)],
};

function isText(value: unknown): boolean {
  return typeof value === "string";
}

/**
 * Unknown, missing and wrong properties.
 *
 * @param values Without marks of secrets; what a preview cannot know is `unknownValue`.
 * @param path Of the object that has them. @default - the resource
 */
export function mistakes(schema: Schema, values: Properties, path = ""): Failure[] {
  const at = (name: string) => (path ? `${path}.${name}` : name);
  const names = Object.keys(schema);
  const strangers = Object.keys(values).filter((name) => !names.includes(name));
  return [
    ...strangers.map((name) => ({
      property: at(name),
      reason: `unknown property; there are: ${names.sort().join(", ")}`,
    })),
    ...Object.entries(schema).flatMap(([name, { type, required }]) => {
      const value = values[name];
      if (value === unknownValue) return [];
      if (value !== undefined && value !== null) return mistakesIn(type, value, at(name));
      return required ? [{ property: at(name), reason: "missing required property" }] : [];
    }),
  ];
}

function mistakesIn(type: PropertyType, value: unknown, property: string): Failure[] {
  if (typeof type === "object") {
    return isMap(value) ? mistakes(type, value, property) : [{ property, reason: "must be an object" }];
  }
  const [name, holds] = types[type];
  return holds(value) ? [] : [{ property, reason: `must be ${name}` }];
}

/** The values with a mark on each that the schema calls a secret. Marks that are there stay. */
export function withSecrets(schema: Schema, values: Properties): Properties {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => {
      const property = schema[name];
      return [name, property ? marked(property, value) : value];
    }),
  );
}

function marked({ type, secret: isAlwaysSecret }: Property, value: unknown): unknown {
  if (isSecret(value)) return secret(marked({ type }, value.value));
  const inner = typeof type === "object" && isMap(value) ? withSecrets(type, value) : value;
  return isAlwaysSecret ? secret(inner) : inner;
}
