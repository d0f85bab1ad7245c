import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { backupKeys } from "../components/cluster/backup-keys";
import { crossCheck } from "../components/cluster/cross-check";
import type { StoreCredentials } from "../node-config/backup";
import { credential } from "../node-config/values/backups";

/** Configuration key of who may write to the S3 store of backups. */
export const backupCredentials = "backupCredentials";

const parts = ["accessKeyId", "secretAccessKey"] as const;

/** The credentials in the stack's configuration. For judging them: nothing may print or keep one. */
export function configuredCredentials(): Partial<StoreCredentials> {
  const text = pulumi.runtime.allConfig()[`${pulumi.getProject()}:${backupCredentials}`] ?? "{}";
  try {
    return JSON.parse(text);
  } catch {
    return {}; // The parser's message would quote what may be a key.
  }
}

/** A sentence for each part that an S3 store needs and that is missing, or can't be one. */
export function credentialProblems(raw: unknown, found: Partial<StoreCredentials>): readonly string[] {
  return crossCheck({ backup: z.object({ to: backupKeys.to }) }, ({ backup: { to } }) => {
    if (!("s3" in to)) return [];
    return parts.flatMap((part) => {
      const set = `\`pulumi config set --secret --path kjerne:${backupCredentials}.${part}\``;
      const value = found[part];
      if (value === undefined || value === "")
        return [`${backupCredentials}.${part} is not set: the store of backup.to.s3 needs it; run ${set}`];
      const problem = credential(String(value));
      return problem ? [`${backupCredentials}.${part} ${problem}; set another one with ${set}`] : [];
    });
  })(raw);
}

/** The credentials that `configuredCredentials` has; a secret. */
export function storeCredentials(): pulumi.Output<StoreCredentials> {
  return new pulumi.Config().requireSecretObject<StoreCredentials>(backupCredentials);
}
