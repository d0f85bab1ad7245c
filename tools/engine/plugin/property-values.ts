/** Properties as they travel between engine and provider: JSON, with secrets and assets as marked objects. */
export type Properties = Record<string, unknown>;

/** What stands for a value that a preview cannot know (Pulumi's UnknownStringValue). */
export const unknownValue = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** The key that marks an object as something else than a map, and what its value says (sdk/go/common/resource/sig). */
const signatureKey = "4dabf18193072939515e22adb298388d";
const secretSignature = "1b47061264138c4ac30d75fd1eb44270";
export const assetSignature = "c44067f5952c0a294b673a41bacd8c17";
export const archiveSignature = "0def7320c3a5731c473e5ecbe6d01bc7";

export const secret = (value: unknown) => ({ [signatureKey]: secretSignature, value });

export function isSecret(value: unknown): value is { value: unknown } {
  return signatureOf(value) === secretSignature;
}

/** What kind of marked object this is, if it is one. */
export function signatureOf(value: unknown): unknown {
  return isObject(value) ? value[signatureKey] : undefined;
}

export function isObject(value: unknown): value is Properties {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The values without their secret marks: for use, never for echoing back. */
export function withoutSecrets(value: unknown): unknown {
  if (isSecret(value)) return withoutSecrets(value.value);
  if (Array.isArray(value)) return value.map(withoutSecrets);
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withoutSecrets(inner)]));
}

/** Whether anything in the value is only known when the resource it comes from exists. */
export function hasUnknown(value: unknown): boolean {
  if (value === unknownValue) return true;
  if (Array.isArray(value)) return value.some(hasUnknown);
  return isObject(value) && Object.values(value).some(hasUnknown);
}
