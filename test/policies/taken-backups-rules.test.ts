import assert from "node:assert/strict";
import { test } from "node:test";
import { rules } from "../../policies/residency/rules";
import { takenBackups } from "../../policies/residency/taken-backups";
import type { Rule } from "../../policies/rule";
import { find, unknownValue } from "./described";
import { defaults } from "./residency-complaints";
import { changed, inOslo } from "./residency-programs";

/** Findings about the backup after one of its fields, or one of its record's, was changed. */
function judged(kind: string, name: string, field: string, value: unknown) {
  const program = changed(inOslo, kind, name, field, value);
  return find(takenBackups, program, defaults).map(({ field, state }) => `${field} ${state}`);
}
const right = ["store shown", "recipients shown"];

test("a backup that goes where a record says is shown", () =>
  assert.deepEqual(judged("EtcdBackup", "oslo-backup", "recipients", ["age1abc", "age1xyz"]), right));

for (const [kind, name, value] of [
  ["EtcdBackup", "oslo-backup", "s3://etcd?endpoint=s3.amazonaws.com"],
  ["EtcdBackup", "oslo-backup", "file:///mnt/backup"],
  ["Backup", "etcd", "s3://etcd/other?endpoint=backup.eksempel.no"],
] as const)
  test(`a backup is refused where ${kind}'s store is ${value}, of which nothing is recorded`, () =>
    assert.deepEqual(judged(kind, name, "store", value), ["store violated", "recipients shown"]));

test("a store that is not known is not taken for a recorded one, even where the record's is unknown too", () => {
  assert.deepEqual(judged("EtcdBackup", "oslo-backup", "store", unknownValue)[0], "store unverifiable");
  assert.deepEqual(judged("Backup", "etcd", "store", unknownValue)[0], "store violated");
});

for (const value of [[], undefined, unknownValue, ["ssh-ed25519 AAAA"], ["age1abc", unknownValue]])
  test(`recipients ${JSON.stringify(value)} are nobody who alone can read it`, () =>
    assert.deepEqual(judged("EtcdBackup", "oslo-backup", "recipients", value)[1], "recipients unverifiable"));

test("a record abroad, or of a company abroad, is refused for a backup that is taken", () => {
  const violated = (id: string, field: string, value: unknown) =>
    find(
      rules.find((rule) => rule.id === id) as Rule<typeof defaults>,
      changed(inOslo, "Backup", "etcd", field, value),
      defaults,
    ).filter(({ state }) => state === "violated").length;
  assert.equal(violated("RES-12", "country", "DE"), 1);
  assert.equal(violated("RES-12", "operator.parentCountry", "US"), 1);
  assert.equal(violated("RES-08", "encryptedBeforeTransfer", false), 1);
});
