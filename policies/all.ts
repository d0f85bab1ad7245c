import type { z } from "zod";
import { parameters as hardeningParameters } from "./hardening/parameters";
import { rules as hardening } from "./hardening/rules";
import { parameters as networkParameters } from "./network/parameters";
import { rules as network } from "./network/rules";
import { parameters as residencyParameters } from "./residency/parameters";
import { rules as residency } from "./residency/rules";
import type { Rule } from "./rule";

/** What a pack is made of. */
export interface PackContent {
  readonly rules: readonly Rule[];
  /** Schema of what the pack can be told; everything in it has a default. */
  readonly parameters: z.ZodObject;
}

/**
 * Every pack, by its folder. A pack that is not listed here judges nothing in `make preview`, `up`, `review` and
 * `evidence`.
 */
export const packs: Readonly<Record<string, PackContent>> = {
  hardening: { rules: hardening, parameters: hardeningParameters },
  network: { rules: network, parameters: networkParameters },
  residency: { rules: residency, parameters: residencyParameters },
};
