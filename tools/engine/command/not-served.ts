import type { Properties } from "../plugin/property-values";
import type { Failure } from "../plugin/schema";
import { useOfficial } from "../plugin/use-official";

/** A mistake for each of these inputs that a program sets: the official provider has them, the stand-in does not. */
export function notServed(inputs: Properties): Failure[] {
  return Object.entries(inputs)
    .filter(([, value]) => value !== undefined && value !== null)
    .map(([property]) => ({
      property,
      reason: `not served by kjerne's stand-in for the command provider; ${useOfficial}`,
    }));
}
