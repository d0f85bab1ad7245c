import { z } from "zod";
import { defaults } from "../../node-config/defaults";
import { bucket, prefix, recipient, region } from "../../node-config/values/backups";
import { ownDirectory, webAddress } from "../../node-config/values/locations";
import { distinct, text } from "../../node-config/values/rule";

/** How etcd is backed up, key by key: see settings-keys.ts. */

const s3 = z.strictObject({
  endpoint: text(webAddress).describe("Address of the store, such as https://backup.eksempel.no."),
  bucket: text(bucket),
  region: text(region).default(defaults.backup.region),
  prefix: text(prefix).default(defaults.backup.prefix).describe("Path in the bucket."),
});

export const backupKeys = {
  to: z
    .union([z.strictObject({ directory: text(ownDirectory) }), z.strictObject({ s3 })])
    .describe(
      "directory: of each control plane, where a file system of others is mounted. s3: a store, whose keys are the secrets kjerne:backupCredentials.accessKeyId and .secretAccessKey.",
    ),
  everyMinutes: z
    .int()
    .min(15)
    .max(1440)
    .default(defaults.backup.everyMinutes)
    .describe("Time from one backup to the next. The verification fails when the newest is twice as old."),
  keep: z
    .strictObject({
      count: z.int().min(1).max(10_000).default(defaults.backup.keep.count),
      days: z.int().min(1).max(3650).default(defaults.backup.keep.days),
    })
    .prefault({})
    .describe("A backup is removed when count newer ones are there and it is older than days."),
  recipients: distinct(text(recipient))
    .min(1, "is empty; name the public key of at least one who can decrypt backups: age-keygen prints it")
    .describe("Public keys of age, age1…. Who has the private key of any of them can decrypt every backup."),
};

export const backup = z.strictObject(backupKeys);
