/** What fio found of the disk below etcd, by kjerne-etcd-disk. */
export interface DiskLatency {
  readonly writes: number;
  readonly p99Milliseconds: number;
  readonly limitMilliseconds: number;
}

/** What kjerne-backup keeps in /var/lib/kjerne/backup.json, each time that it was asked. */
export interface BackupStatus {
  readonly asked: string;
  readonly newest: { readonly name: string; readonly time: string } | null;
  /** Names that a clock in the future gave. */
  readonly ahead: readonly string[];
  readonly problem: string | null;
}

/** When kjerne-restore last showed that a backup can be restored, or did so. */
export interface Drill {
  readonly backup: string;
  readonly at: string;
}
