import { isObject, type Properties, plain, secretOf, signatureOf, unknownValue } from "../../engine-values";

export { isObject, isSecret, type Properties, unknownValue } from "../../engine-values";

export const secret = (value: unknown) => secretOf({ value });

/** Whether it is a plain map. Secrets and assets are not. */
export function isMap(value: unknown): value is Properties {
  return isObject(value) && signatureOf(value) === undefined;
}

/**
 * The values without their secret marks, and with one mark for all that a preview cannot know: to work with. What goes
 * back to the engine keeps the marks.
 */
export function withoutSecrets(value: unknown): unknown {
  return plain(value, { secret: (content) => withoutSecrets(content.value), unknown: unknownValue });
}
