import { plain, secretOf } from "../../engine-values";

export { isObject, isSecret, type Properties, signatureOf, unknownValue } from "../../engine-values";

export const secret = (value: unknown) => secretOf({ value });

/** The values without their secret marks: to work with. What goes back to the engine keeps the marks. */
export function withoutSecrets(value: unknown): unknown {
  return plain(value, { secret: (content) => withoutSecrets(content.value) });
}
