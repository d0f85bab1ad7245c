import { z } from "zod";
import { packParameters } from "../pack";

/** Parameters of the residency pack: the key `pack` of `--policy-pack-config`. */
export const parameters = packParameters.extend({
  /** Allowed countries. `norway`: Norway, as customers ask. `eea`: the EEA, within which the law lets data move. */
  profile: z.enum(["norway", "eea"]).default("norway"),
  /** Classes of data, by the operator's own classification, that may be on the nodes. */
  dataClasses: z
    .array(z.string())
    .default(["test", "public", "internal", "personal", "special-category", "public-archive"]),
  /** Addresses of machines that the program connects to but does not make. */
  machines: z.array(z.string()).default([]),
  /** Kinds of resource that no rule reads and that somebody has looked at: a type, or `<group>/<kind>` of Kubernetes. */
  otherKinds: z.array(z.strictObject({ kind: z.string(), why: z.string().trim().min(20) })).default([]),
  /** Volume provisioners that keep data on the node whose pod uses the volume. */
  localProvisioners: z
    .array(z.string())
    .default(["kubernetes.io/no-provisioner", "rancher.io/local-path", "topolvm.io", "openebs.io/local"]),
});

export type Residency = z.infer<typeof parameters>;
