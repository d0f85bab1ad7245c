import { isRpcSecret, unwrapRpcSecret } from "@pulumi/pulumi/runtime/rpc";

/** The values themselves: the engine sends secrets as objects around them. */
export const plain = <T>(props: unknown): T => withoutSecrets(props) as T;

/** Name of a resource. */
export const nameOf = (urn: string): string => urn.split("::").at(-1) as string;

function withoutSecrets(value: unknown): unknown {
  if (value === null || typeof value !== "object") return value;
  if (isRpcSecret(value)) return withoutSecrets(unwrapRpcSecret(value));
  if (Array.isArray(value)) return value.map(withoutSecrets);
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, withoutSecrets(one)]));
}
