import { readFileSync } from "node:fs";
import * as pulumi from "@pulumi/pulumi";

/** A resource as a policy sees it, whatever would make it: no provider is asked. */
export interface Described {
  readonly type: string;
  readonly name: string;
  readonly properties: Readonly<Record<string, unknown>>;
  /** Names of the properties that are secrets. */
  readonly secrets?: readonly string[];
  /** Name of the resource before it that this one lies in. */
  readonly parent?: string;
  readonly additionalSecretOutputs?: readonly string[];
}

const made = new Map<string, pulumi.Resource>();
for (const { type, name, properties, secrets = [], parent, additionalSecretOutputs } of read()) {
  const inputs = Object.entries(properties).map(([key, value]) => [
    key,
    secrets.includes(key) ? pulumi.secret(value) : value,
  ]);
  // Whoever would make it may have options that components have not.
  const options = { ...(parent ? { parent: made.get(parent) } : {}), additionalSecretOutputs };
  made.set(name, new pulumi.ComponentResource(type, name, Object.fromEntries(inputs), options as object));
}

function read(): Described[] {
  return JSON.parse(readFileSync(process.env.KJERNE_TEST_INPUT ?? "", "utf8"));
}
