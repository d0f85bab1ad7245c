import { readFileSync } from "node:fs";
import * as pulumi from "@pulumi/pulumi";

/** A resource for policies to judge. It is registered as a component, so no provider is needed; a provider as itself. */
export interface Described {
  readonly type: string;
  readonly name: string;
  readonly properties: Readonly<Record<string, unknown>>;
  /** Names of the properties that are secrets. */
  readonly secrets?: readonly string[];
  /** Name of its parent, which stands before it in the list. */
  readonly parent?: string;
  readonly additionalSecretOutputs?: readonly string[];
}

/** The engine takes no component with a provider's type. */
class Provider extends pulumi.ProviderResource {}

const made = new Map<string, pulumi.Resource>();
for (const { type, name, properties, secrets = [], parent, additionalSecretOutputs } of read()) {
  const inputs = Object.entries(properties).map(([key, value]) => [
    key,
    secrets.includes(key) ? pulumi.secret(value) : value,
  ]);
  // The real resource may have options that components lack, such as additionalSecretOutputs.
  const options = { ...(parent ? { parent: made.get(parent) } : {}), additionalSecretOutputs };
  const provider = /^pulumi:providers:(.+)$/.exec(type)?.[1];
  made.set(
    name,
    provider
      ? new Provider(provider, name, Object.fromEntries(inputs), options as object)
      : new pulumi.ComponentResource(type, name, Object.fromEntries(inputs), options as object),
  );
}

function read(): Described[] {
  return JSON.parse(readFileSync(process.env.KJERNE_TEST_INPUT ?? "", "utf8"));
}
