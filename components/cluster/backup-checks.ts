import { z } from "zod";
import { backupKeys } from "./backup-keys";
import { type CrossCheck, crossCheck } from "./cross-check";

/** What ties the settings of backups together. */
export const backupChecks: readonly CrossCheck[] = [
  crossCheck({ backup: z.object({ to: backupKeys.to, caFile: z.string() }) }, ({ backup: { to } }) => {
    if ("s3" in to && to.s3.endpoint.startsWith("https:")) return [];
    const where = "s3" in to ? `backup.to.s3.endpoint is ${to.s3.endpoint}` : "backup.to is a directory";
    return [`backup.caFile: ${where}, where nobody shows a certificate; take it out, or name a store at https://…`];
  }),
];
