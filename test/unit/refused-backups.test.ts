import assert from "node:assert/strict";
import { test } from "node:test";
import { credentialProblems } from "../../stacks/backup-credentials";
import { backup, credentials, recipients } from "./backup-samples";
import { accepted, refused } from "./refused";

const [good] = recipients;
const set = (more: object) => ({ ...backup(), ...more });
const s3 = (more: object) => set({ to: { s3: { ...backup().to.s3, ...more } } });
const identity = `AGE-SECRET-KEY-1${"Q".repeat(58)}`;

refused([
  ["backup", set({ recipients: [] }), /recipients: is empty; name the public key of at least one who can decrypt/],
  ["backup", set({ recipients: [identity] }), /recipients\[0\] .*is a private key, .*make another with age-keygen/],
  ["backup", set({ recipients: [good.replace("z", "y")] }), /is not a whole public key of age: a letter is wrong/],
  ["backup", set({ recipients: [good.slice(0, -1)] }), /is not a whole public key of age: a letter is wrong/],
  ["backup", set({ recipients: ["ssh-ed25519 AAAA"] }), /is not a public key of age such as age1… .*keys of SSH/],
  ["backup", set({ recipients: [good, good] }), /recipients\[1\] .*is there already as \[0\]; remove one/],
  ["backup", set({ everyMinutes: 5 }), /everyMinutes \(5\): Too small/],
  ["backup", set({ keep: { count: 0 } }), /keep\.count \(0\): Too small/],
  ["backup", set({ to: { directory: "/etc/backup" } }), /to\.directory .*belongs to the system; choose/],
  ["backup", s3({ endpoint: "backup.eksempel.no" }), /endpoint .*is not an address that begins with https:/],
  ["backup", s3({ endpoint: "https://a:b@backup.eksempel.no" }), /endpoint .*has a user or a password in it/],
  ["backup", s3({ bucket: "etcd\nremote = /" }), /bucket .*is not the name of a bucket/],
  ["backup", s3({ prefix: "../x/" }), /prefix .*is not a path in the bucket/],
  ["backup", s3({ region: "a b" }), /region .*is not a region/],
]);

accepted([
  ["backup", backup()],
  ["backup", set({ recipients: [...recipients], everyMinutes: 15, keep: { count: 1, days: 1 } })],
  ["backup", set({ to: { directory: "/mnt/backup/etcd" } })],
]);

test("no message repeats a private key", async () => {
  const { problems } = await import("./environments");
  const found = await problems((config) => (config.backup = set({ recipients: [identity] })));
  assert.ok(!found.join().includes("Q".repeat(20)), found.join("\n"));
});

test("a store needs both of its keys, each on one line, and no message repeats one", () => {
  const of = (found: object, raw: object = { backup: backup() }) => credentialProblems(raw, found).join("\n");
  assert.equal(of(credentials), "");
  assert.match(
    of({}),
    /accessKeyId is not set: .*run `pulumi config set --secret --path kjerne:backupCredentials\.acc/,
  );
  assert.match(of({ accessKeyId: "kjerne" }), /^backupCredentials\.secretAccessKey is not set/);
  const broken = of({ ...credentials, secretAccessKey: "hemmelig\nremote = x" });
  assert.match(broken, /secretAccessKey is empty, or has a blank/);
  assert.ok(!broken.includes("hemmelig"));
  assert.equal(of({}, { backup: set({ to: { directory: "/mnt/backup" } }) }), "", "a directory needs none");
});
