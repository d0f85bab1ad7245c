import assert from "node:assert/strict";
import { test } from "node:test";
import { parseExceptions } from "../../policies/exceptions";
import { complaints } from "./residency-complaints";
import { changed, inOslo } from "./residency-programs";

const stores = ["azblob://b", "gs://b", "b2://b", "s3://b", "s3://b?endpoint=", "s3://b?region=eu-north-1"];
const hosts = ["s3.amazonaws.com.", "s3.eu-central-1.wasabisys.com", "s3.us-west-000.backblazeb2.com"];
for (const store of [...stores, ...hosts.map((host) => `s3://b?endpoint=${host}`)]) {
  test(`a backup in ${store} violates RES-12, and a state there RES-13`, () => {
    assert.match(complaints(changed(inOslo, "Backup", "etcd", "store", store)), /RES-12 .*\n.*in the US/);
    assert.match(complaints(changed(inOslo, "State", "state", "backend", store)), /RES-13 .*\n.*in the US/);
  });
}

test("a backup in Frankfurt goes against what the customer asks, one in the US against the law", () => {
  const backupIn = (country: string) => complaints(changed(inOslo, "Backup", "etcd", "country", country));
  assert.match(backupIn("DE"), /RES-12 .*Why: No law asks it of all data; customers ask/s);
  assert.doesNotMatch(backupIn("DE"), /chapter V/);
  assert.match(backupIn("US"), /RES-12 .*Why: Personal data leave the EEA only/s);
});

test("an exception with blanks for an owner or a justification is refused", () => {
  const exception = (owner: string, justification: string) =>
    `exceptions: [{rule: RES-01, stack: lab, resource: "KvmNode cp1", owner: "${owner}", justification: "${justification}", until: "2027-05-15"}]`;
  const reason = "It is moved to Oslo in the spring.";
  assert.equal(parseExceptions(exception("platform team", reason)).length, 1);
  assert.throws(() => parseExceptions(exception("     ", reason)), /owner/);
  assert.throws(() => parseExceptions(exception("platform team", " ".repeat(30))), /justification/);
});
