import type { Rule } from "../rule";
import { nodeLocation } from "./location";
import type { Residency } from "./parameters";

/** Every rule of the pack. */
export const rules: readonly Rule<Residency>[] = [nodeLocation];
