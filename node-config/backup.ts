import { type FileSet, file, merge, readTree } from "./file-set";

/** Where backups lie: a directory of each control plane on which a file system of others is mounted, or an S3 store. */
export type BackupPlace =
  | { readonly directory: string }
  | {
      readonly s3: {
        /** Such as `https://backup.eksempel.no`. */
        readonly endpoint: string;
        readonly bucket: string;
        readonly region: string;
        /** Path in the bucket, without slashes at its ends. */
        readonly prefix: string;
      };
    };

/** How etcd is backed up. */
export interface BackupFacts {
  readonly to: BackupPlace;
  readonly everyMinutes: number;
  /** A backup is removed when `count` newer ones are there and it is older than `days`. */
  readonly keep: { readonly count: number; readonly days: number };
  /** Public keys of age, `age1…`; the owner of any of them can decrypt. */
  readonly recipients: readonly string[];
  /** Certificates in PEM of the only authorities that are trusted for an S3 store. @default - the system's */
  readonly authorities?: string;
}

/** Who may write to an S3 store. */
export interface StoreCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** Packages that control planes need for it. */
export const backupPackages = ["age", "rclone"];

/** What a control plane backs up, and when. */
export function backupFiles(
  cluster: string,
  { to, everyMinutes, keep, recipients, authorities }: BackupFacts,
): FileSet {
  const directory = "directory" in to ? { directory: to.directory } : {};
  const settings = { cluster, everyMinutes, keep, recipients, ...directory };
  return merge(
    readTree("backup"),
    file("/etc/kjerne/backup/settings.json", `${JSON.stringify(settings, null, 2)}\n`, "0600"),
    authorities === undefined ? {} : file("/etc/kjerne/backup/authorities.pem", `${authorities.trim()}\n`),
  );
}

/** rclone's configuration, in which `store:` is where backups lie. A secret with credentials in it. */
export function storeFile(to: BackupPlace, credentials?: StoreCredentials): FileSet {
  const place = (remote: string) => ["[store]", "type = alias", `remote = ${remote}`];
  const lines = "directory" in to ? place(to.directory) : s3(to.s3, credentials, place);
  return file("/etc/kjerne/backup/rclone.conf", `${lines.join("\n")}\n`, "0600");
}

function s3(
  { endpoint, bucket, region, prefix }: Extract<BackupPlace, { s3: object }>["s3"],
  credentials: StoreCredentials | undefined,
  place: (remote: string) => string[],
): string[] {
  if (!credentials)
    throw new Error(`node-config: no credentials for the store at ${endpoint}; give those that may write`);
  return [
    "[s3]",
    "type = s3",
    "provider = Other",
    `endpoint = ${endpoint}`,
    `region = ${region}`,
    `access_key_id = ${credentials.accessKeyId}`,
    `secret_access_key = ${credentials.secretAccessKey}`,
    // rclone would ask for the bucket, and make it: more rights than backups need.
    "no_check_bucket = true",
    ...place(["s3:", [bucket, prefix].filter((part) => part !== "").join("/")].join("")),
  ];
}
