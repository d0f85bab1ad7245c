import { z } from "zod";
import { packParameters } from "../pack";

/** What the residency pack can be told: key `pack` of `--policy-pack-config`. */
export const parameters = packParameters.extend({
  /** `norway`: in Norway only, as customers ask. `eea`: in the EEA, within which the law lets data move. */
  profile: z.enum(["norway", "eea"]).default("norway"),
  /** Addresses of machines that the program reaches and does not make. */
  machines: z.array(z.string()).default([]),
  /** Volume provisioners that keep data on the node that asks for it. */
  localProvisioners: z
    .array(z.string())
    .default(["kubernetes.io/no-provisioner", "rancher.io/local-path", "topolvm.io", "openebs.io/local"]),
});

export type Residency = z.infer<typeof parameters>;
