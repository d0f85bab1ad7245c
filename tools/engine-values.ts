/**
 * Values as Pulumi's engine writes them into its state, its event log and its calls to providers: JSON in which some
 * values are marked. The marks are those of `sdk/go/common/resource/sig` and of the SDK's `unknown…Value`.
 */

export type Properties = Record<string, unknown>;

/** The key that marks an object as something else than a map; its value says what it is. */
const signatureKey = "4dabf18193072939515e22adb298388d";
const secretSignature = "1b47061264138c4ac30d75fd1eb44270";

/** Stands for a text that a preview cannot know. */
export const unknownValue = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** Stand for values of every kind that a preview cannot know. */
const unknownValues: ReadonlySet<unknown> = new Set([
  unknownValue,
  "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
  "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
  "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
  "030794c1-ac77-496b-92df-f27374a8bd58",
  "e48ece36-62e2-4504-bad9-02848725956a",
  "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
]);

/** What a secret holds: `value` in calls to providers; in a state JSON, as `plaintext` or `ciphertext`. */
export interface SecretContent {
  readonly value?: unknown;
  readonly plaintext?: string;
  readonly ciphertext?: string;
}

export const secretOf = (content: SecretContent) => ({ [signatureKey]: secretSignature, ...content });

export function isSecret(value: unknown): value is SecretContent {
  return signatureOf(value) === secretSignature;
}

/** What kind of marked object this is, if it is one. */
export function signatureOf(value: unknown): unknown {
  return isObject(value) ? value[signatureKey] : undefined;
}

export function isObject(value: unknown): value is Properties {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** What `plain` puts in the place of marked values. */
export interface Replacements {
  secret(content: SecretContent): unknown;
  /** @default - they stay as they are */
  readonly unknown?: unknown;
}

/** A copy of a value without the marks of secrets and, if asked for, of unknown values. */
export function plain(value: unknown, by: Replacements): unknown {
  if (isSecret(value)) return by.secret(value);
  if (Array.isArray(value)) return value.map((item) => plain(item, by));
  if (!isObject(value)) return by.unknown !== undefined && unknownValues.has(value) ? by.unknown : value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, plain(inner, by)]));
}
