import assert from "node:assert/strict";
import { test } from "node:test";
import { unknownValue } from "./described";
import type { Described } from "./programs/resources";
import { complaints } from "./residency-complaints";
import { changed, inDays, inOslo } from "./residency-programs";

const image = "spec.template.spec.containers[0].image";
const nothing = /^$/;
/** The place itself is allowed; the stack's backups go to the one that was recorded before. */
const otherPlace = /^RES-43 (?!.*\nRES-).*another bucket, path or spelling/s;

/** Kind and name of a resource, path of a field, its new value, and the messages about it. */
const particulars: readonly (readonly [string, string, string, unknown, RegExp])[] = [
  ["Attestation", "support", "until", inDays(0), nothing],
  ["Attestation", "support", "until", inDays(-1), /RES-04 .*It ended on/s],
  ["Attestation", "support", "until", `${inDays(30)}T12:00`, /It is not a day/],
  ["Attestation", "support", "until", `ca. ${inDays(30)}`, /It is not a day/],
  ["Attestation", "support", "until", inDays(396), nothing],
  ["Attestation", "support", "until", inDays(397), /too far ahead/],
  ["Backup", "etcd", "store", "s3://etcd", /is s3\.amazonaws\.com, not allowed.*Amazon/],
  ["Backup", "etcd", "store", "s3://etcd?endpoint=https://backup.eksempel.no", otherPlace],
  ["Backup", "etcd", "store", "s3://etcd?endpoint=https://s3.amazonaws.com", /is s3\.amazonaws\.com.*Amazon/],
  ["Backup", "etcd", "store", "https://backup.eksempel.no/s3:etcd", otherPlace],
  ["Backup", "etcd", "store", "sftp://etcd:geheim@backup.eksempel.no/etcd", otherPlace],
  [
    "Backup",
    "etcd",
    "store",
    "s3://etcd?endpoint=s3.eu-north-1.amazonaws.com",
    /is s3\.eu-north-1\.amazonaws\.com.*Amazon/,
  ],
  ["State", "state", "backend", "file://~", nothing],
  ["State", "state", "backend", "https://pulumi.eksempel.no", nothing],
  ["State", "state", "backend", "postgres://state:geheim@db.eksempel.no/state", nothing],
  ["State", "state", "backend", "https://app.pulumi.com/eksempel", /is app\.pulumi\.com.*Pulumi Cloud/],
  ["State", "state", "backend", "s3://state?region=eu-north-1", /is s3\.amazonaws\.com.*Amazon/],
  ["State", "state", "backend", "gs://state", /is storage\.googleapis\.com.*Google/],
  ["State", "state", "backend", "azblob://state", /is blob\.core\.windows\.net.*Microsoft/],
  ["State", "state", "backend", "somewhere", /It is not a backend's address/],
  ["State", "state", "backend", "s3:?endpoint=", /Amazon/],
  ["State", "state", "backend", "mailto:state", /backend: unverifiable\. It names no host/],
  ["State", "state", "backend", "file:///srv/state", nothing],
  ["State", "state", "secretsProvider", "hashivault://kjerne", nothing],
  ["State", "state", "secretsProvider", "default", /is default.*Pulumi Cloud holds the key/],
  ["State", "state", "secretsProvider", "service", /Pulumi Cloud holds the key/],
  ["State", "state", "secretsProvider", "gcpkms://x", /is gcpkms.*Google holds the key/],
  ["State", "state", "secretsProvider", "azurekeyvault://x", /Microsoft holds the key/],
  ["State", "state", "secretsProvider", "vault", /It is not a known secrets provider/],
  ["State", "state", "key.custodian", "", /key\.custodian: unverifiable.*Name who holds the key/],
  ["KvmNode", "cp1", "site.dataClass", "public-archive", nothing],
  ["KvmNode", "cp1", "site.dataClass", "BEGRENSET", /is BEGRENSET/],
  ["KvmNode", "cp1", "site.dataClass", "strengt hemmelig", /is strengt hemmelig/],
  ...["test", "public", "internal", "personal", "special-category"].map(
    (known) => ["KvmNode", "cp1", "site.dataClass", known, nothing] as const,
  ),
  ["KvmNode", "cp1", "site.nkomRegistration", "geheim nummer", /RES-06 .*It is not a registration/s],
  ["KvmNode", "cp1", "site.country", "NORGE", /It is not a country code/],
  ["KvmNode", "cp1", "site.country", "geheim NO", /It is not a country code/],
  ["KvmNode", "cp1", "site.country", null, /site\.country: unverifiable; allowed: NO\. It is missing/],
  ["KvmNode", "cp1", "site.country", "", /site\.country: unverifiable; allowed: NO\. It is missing/],
  ["KvmNode", "cp1", "site.country", unknownValue, /It is known only after the change is made/],
  ["KvmNode", "cp1", "site.supportCountries", [], /supportCountries: unverifiable; allowed: NO\. It is missing/],
  ["KvmNode", "cp1", "site.supportCountries", ["NO", "SE"], /supportCountries\[1\]: is SE/],
  ["KvmNode", "cp1", "timeServers[0]", "TIME.Google.com", /is TIME\.Google\.com.*Google/],
  ["KvmNode", "cp1", "timeServers[0]", "geheim vert", /timeServers\[0\]: unverifiable; .* can't be read/],
  ["KvmNode", "cp1", "timeServers[0]", "notgoogle.com", /Nobody recorded where it is/],
  ["KvmNode", "cp1", "timeServers[0]", "ntp.eksempel.no.example", /Nobody recorded where it is/],
  ["KvmNode", "cp1", "nameservers[0]", "9.9.9.9", /Quad9 in Switzerland/],
  ["Deployment", "shop", image, "mirror.eksempel.no:5000/shop:1", nothing],
  ["Deployment", "shop", image, "registry.k8s.io/pause:3.10", nothing],
  ["Deployment", "shop", image, "registry.k8s.io.example/pause", /is registry\.k8s\.io\.example\/pause, unverifiable/],
  [
    "Deployment",
    "shop",
    image,
    "shop",
    /is docker\.io\/library\/shop, not allowed; allowed: mirror\.eksempel\.no, registry\.k8s\.io\./,
  ],
  ["Deployment", "shop", image, "bitnami/redis@sha256:0", /is docker\.io\/bitnami\/redis, /],
  ["Deployment", "shop", image, "shop.internal", /is docker\.io\/library\/shop\.internal, /],
  ["Deployment", "shop", image, "quay.example:5000/shop:1", /is quay\.example\/shop, unverifiable/],
  ["Deployment", "shop", image, "geheim bilde", /image: unverifiable; .* It is missing, unknown or can't be read/],
  ["Deployment", "shop", image, "localhost/shop", /is localhost\/shop, unverifiable/],
  ["Deployment", "shop", image, "quay.io/calico/node:v3", /Red Hat in the US/],
  [
    "NodeImage",
    "hv1-image",
    "mirrors[0].mirror",
    "https://registry-1.docker.io",
    /mirrors\[0\]\.mirror: is registry-1\.docker\.io/,
  ],
  ["NodeImage", "hv1-image", "images", { "quay.io/x:1": "sha256:0" }, /is quay\.io\/x,/],
  ["ClusterIssuer", "inside", "spec", { selfSigned: {} }, nothing],
  ["Command", "look", "connection.proxy", { host: "203.0.113.9" }, /connection\.proxy\.host: is 203\.0\.113\.9/],
  ["Command", "look", "connection.proxy", { host: "10.20.0.31" }, nothing],
  ["Endpoints", "logs", "hosts", "nobody", /hosts: unverifiable\. It is not a list/],
  ["Endpoints", "acme", "hosts[0].host", "geheim vert", /hosts\[0\]\.host: unverifiable\. .* not a host/],
  ["Endpoints", "acme", "hosts[0].host", "acme-v02.api.letsencrypt.org", /hosts\[0\]\.host: is acme-v02/],
  ...["kubernetes.io/no-provisioner", "topolvm.io", "openebs.io/local"].map(
    (local) => ["StorageClass", "local", "provisioner", local, nothing] as const,
  ),
  ["StorageClass", "local", "provisioner", "geheim disk", /provisioner: not allowed/],
];

for (const [type, name, path, value, says] of particulars) {
  const inWords = value === unknownValue ? "unknown" : JSON.stringify(value);
  test(`${type} ${name} with ${path} ${inWords} ${says === nothing ? "passes" : "is a violation"}`, () => {
    const said = complaints(changed(inOslo, type, name, path, value));
    assert.match(said, says);
    assert.doesNotMatch(said, /geheim/);
  });
}

test("RES-02 accepts machines that the parameter machines lists", () => {
  const elsewhere = changed(inOslo, "Command", "look", "connection.host", "10.20.0.99");
  assert.match(complaints(elsewhere), /RES-02/);
  assert.equal(complaints(elsewhere, { machines: ["10.20.0.99"] }), "");
});

test("a program without a Backup record violates RES-08, RES-12 and RES-28", () => {
  const none = complaints(inOslo.filter(({ type }) => !type.endsWith(":Backup")));
  for (const id of ["RES-08", "RES-12", "RES-28"])
    assert.match(none, new RegExp(`${id} .*\\n.*Nothing records where backups lie`));
});

test("one backup in another city is enough for RES-28", () => {
  const second: Described = { ...(inOslo.find(({ name }) => name === "etcd") as Described), name: "etcd-near" };
  const near = changed([...inOslo, second], "Backup", "etcd-near", "city", "Oslo");
  assert.equal(complaints(near), "");
});

test("a public archive in Sweden violates RES-07 in the profile eea too", () => {
  const archive = changed(
    changed(inOslo, "KvmNode", "cp1", "site.country", "SE"),
    "KvmNode",
    "cp1",
    "site.dataClass",
    "public-archive",
  );
  assert.match(complaints(archive, { profile: "eea" }), /RES-07.*is public-archive, not allowed/s);
});
