import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { mock, test } from "node:test";
import { rootCertificates } from "node:tls";
import { credentialProblems } from "../../stacks/backup-credentials";
import { backup, credentials, recipients } from "./backup-samples";
import { directory, problems } from "./environments";
import { accepted, refused } from "./refused";
import { partsOf } from "./whole-cluster";

const [good] = recipients;
const set = (more: object) => ({ ...backup(), ...more });
const s3 = (more: object) => set({ to: { s3: { ...backup().to.s3, ...more } } });
const authority = lasting();
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
  [
    "backup",
    set({ caFile: "/nowhere/ca.pem" }),
    /backup\.caFile .*: there is no such file; name the file with the cert/,
  ],
  [
    "backup",
    set({ to: { directory: "/mnt/backup" }, caFile: authority.file }),
    /backup\.caFile: backup\.to is a directory, where nobody shows a certificate; take it out/,
  ],
  [
    "backup",
    { ...s3({ endpoint: "http://backup.eksempel.no" }), caFile: authority.file },
    /backup\.caFile: backup\.to\.s3\.endpoint is http:\/\/backup\.eksempel\.no, where nobody shows a certificate/,
  ],
]);

accepted([
  ["backup", backup()],
  ["backup", set({ recipients: [...recipients], everyMinutes: 15, keep: { count: 1, days: 1 } })],
  ["backup", set({ to: { directory: "/mnt/backup/etcd" } })],
  ["backup", set({ caFile: authority.file })],
]);

test("an authority of the store whose certificate has ended is refused, with the day", async (t) => {
  t.after(() => mock.timers.reset());
  mock.timers.enable({ apis: ["Date"], now: Date.parse(authority.validTo) + 86_400_000 });
  const found = await problems((config) => (config.backup = set({ caFile: authority.file })));
  assert.equal(found.length, 1, found.join("\n"));
  assert.match(
    found[0] ?? "",
    /^backup\.caFile .*: holds the certificate of .+, which ended on .+; name the one that follo/,
  );
});

test("the certificate that caFile names reaches each control plane, and nothing else of the cluster", async () => {
  const middle = authority.pem.split("\n")[5] as string;
  const parts = await partsOf((config) => (config.backup.caFile = authority.file));
  const having = [...parts].filter(([, { inputs }]) => inputs.includes(middle)).map(([key]) => key);
  const wanted = ["cp1", "cp2", "cp3"].map((name) => `kjerne-drift:index:NodeFiles ${name}-backup`);
  assert.deepEqual(having.sort(), wanted);
});

test("no message repeats a private key", async () => {
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

/** An authority's certificate that has not ended, in a file. */
function lasting() {
  const all = rootCertificates.map((pem) => new X509Certificate(pem));
  const last = all.reduce((one, other) => (Date.parse(one.validTo) > Date.parse(other.validTo) ? one : other));
  const file = join(directory, "store-ca.pem");
  writeFileSync(file, last.toString());
  return { file, validTo: last.validTo, pem: last.toString() };
}
