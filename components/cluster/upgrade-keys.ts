import { z } from "zod";
import { defaults } from "../../node-config/defaults";

/** How nodes of a running cluster get another version, in the settings and as an argument: see `UpgradeSpec`. */
export const upgrade = z
  .strictObject({
    workersAtOnce: z
      .int()
      .min(1)
      .default(defaults.upgrade.workersAtOnce)
      .describe("Workers that are without pods at the same time; control planes go one by one."),
    drainMinutes: z
      .int()
      .min(1)
      .max(60)
      .default(defaults.upgrade.drainMinutes)
      .describe("How long the pods of a node may take to leave it."),
    withoutBackup: z
      .boolean()
      .default(defaults.upgrade.withoutBackup)
      .describe("true: an upgrade begins although the cluster has no backup."),
  })
  .prefault({})
  .describe("How nodes of a running cluster get another version.");
