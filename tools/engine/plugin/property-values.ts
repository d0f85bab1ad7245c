import { isObject, plain, secretOf, unknownValue } from "../../engine-values";

export {
  archiveSignature,
  assetSignature,
  isObject,
  isSecret,
  type Properties,
  signatureOf,
  unknownValue,
} from "../../engine-values";

export const secret = (value: unknown) => secretOf({ value });

/** The values without their secret marks: for use, never for echoing back. */
export function withoutSecrets(value: unknown): unknown {
  return plain(value, { secret: (content) => withoutSecrets(content.value) });
}

/** Whether anything in the value is only known when the resource it comes from exists. */
export function hasUnknown(value: unknown): boolean {
  if (value === unknownValue) return true;
  if (Array.isArray(value)) return value.some(hasUnknown);
  return isObject(value) && Object.values(value).some(hasUnknown);
}
