import { type PolicyResource, type ResourceValidationArgs, UnknownValueError } from "@pulumi/policy";
import { type Properties, type Resource, unknown, type Value } from "./rule";

/** A resource that the policy SDK hands over, before or after a change, as plain data. */
export async function engineResource(given: ResourceValidationArgs | PolicyResource): Promise<Resource> {
  const { urn, type, name, props, opts, provider } = given;
  return {
    urn,
    type,
    name,
    parent: opts.parent,
    properties: (await plain(props)) as Properties,
    additionalSecretOutputs: opts.additionalSecretOutputs,
    protect: opts.protect,
    hasProvider: provider !== undefined,
    ...("propertyDependencies" in given ? { madeFrom: urnsOf(given.propertyDependencies) } : {}),
  };
}

/** The engine says only at the end, about the whole stack, what each property is made from. */
export function urnsOf(dependencies: PolicyResource["propertyDependencies"]): Resource["madeFrom"] {
  return Object.fromEntries(Object.entries(dependencies).map(([name, found]) => [name, found.map(({ urn }) => urn)]));
}

/** The SDK hands over proxies that throw an error where a value is unknown. Each value is read once, here. */
async function plain(value: unknown): Promise<Value> {
  if (value === null || ["boolean", "number", "string"].includes(typeof value)) return value as Value;
  // An asset's text is a promise, and can't be awaited through the SDK's proxy.
  if (value instanceof Promise) return plain(await (value as unknown as Proxied).__getSpecialProxyTarget);
  if (Array.isArray(value)) return Promise.all(Array.from({ length: value.length }, (_, i) => member(value, i)));
  if (typeof value !== "object") return unknown;
  const names = Object.keys(value);
  const members = await Promise.all(names.map((name) => member(value, name)));
  return Object.fromEntries(names.map((name, i) => [name, members[i]]));
}

interface Proxied {
  readonly __getSpecialProxyTarget: Promise<unknown>;
}

async function member(of: object, key: string | number): Promise<Value> {
  let value: unknown;
  try {
    value = (of as Record<string | number, unknown>)[key];
  } catch (error) {
    if (error instanceof UnknownValueError) return unknown;
    throw error;
  }
  return plain(value);
}
