import { z } from "zod";
import { packParameters } from "../pack";

/** What the residency pack can be told: key `pack` of `--policy-pack-config`. */
export const parameters = packParameters.extend({
  /** `norway`: in Norway only, as a customer demands. `eea`: in the EEA, as the law lets data move. */
  profile: z.enum(["norway", "eea"]).default("norway"),
});

export type Residency = z.infer<typeof parameters>;
