import { readFileSync } from "node:fs";
import * as pulumi from "@pulumi/pulumi";

/** A resource as a policy sees it, whatever would make it: no provider is asked. */
export interface Described {
  readonly type: string;
  readonly name: string;
  readonly properties: Readonly<Record<string, unknown>>;
}

/** Stands for a value that is known only after the change. */
export const unknownValue = pulumi.runtime.unknownValue;

for (const { type, name, properties } of read()) {
  new pulumi.ComponentResource(type, name, properties as pulumi.Inputs);
}

function read(): Described[] {
  return JSON.parse(readFileSync(process.env.KJERNE_TEST_INPUT ?? "", "utf8"));
}
