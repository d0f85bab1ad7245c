import { readFileSync } from "node:fs";
import * as pulumi from "@pulumi/pulumi";

/** A resource as a policy sees it, whatever would make it: no provider is asked. */
export interface Described {
  readonly type: string;
  readonly name: string;
  readonly properties: Readonly<Record<string, unknown>>;
  /** Names of the properties that are secrets. */
  readonly secrets?: readonly string[];
}

for (const { type, name, properties, secrets = [] } of read()) {
  const inputs = Object.entries(properties).map(([key, value]) => [
    key,
    secrets.includes(key) ? pulumi.secret(value) : value,
  ]);
  new pulumi.ComponentResource(type, name, Object.fromEntries(inputs));
}

function read(): Described[] {
  return JSON.parse(readFileSync(process.env.KJERNE_TEST_INPUT ?? "", "utf8"));
}
