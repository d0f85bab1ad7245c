import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { rules } from "../../policies/residency/rules";
import { makePackUnderTest, type PackUnderTest, type Verdict } from "./packs";
import { changed, inDays, inOslo, inStockholm } from "./residency-programs";

let pack: PackUnderTest;

before(async () => {
  pack = await makePackUnderTest("residency");
});

after(() => pack?.remove());

const american = { name: "Example Inc.", country: "US", parentCountry: "US" };
const elsewhere = (host: string) => [{ host, country: "US", operator: american }];

/** One change for each rule: kind, name, path, new value, what the reviewer reads. */
const forbidden: Readonly<Record<string, readonly [string, string, string, unknown, RegExp]>> = {
  "node-location": [
    "KvmNode",
    "cp1",
    "site.country",
    "DE",
    /KvmNode cp1, site\.country: is DE, not allowed; allowed: NO/,
  ],
  "data-class": ["KvmNode", "cp1", "site.dataClass", "Hemmelig", /site\.dataClass: is Hemmelig/],
  "volume-location": ["StorageClass", "local", "provisioner", "ebs.csi.aws.com", /provisioner: is ebs\.csi\.aws\.com/],
  "backup-location": ["Backup", "etcd", "country", "DE", /Backup etcd, country: is DE.*Choose a store/],
  "key-custody": ["Backup", "etcd", "encryptedBeforeTransfer", false, /Whoever runs the store could read it/],
  "backup-elsewhere": ["Backup", "etcd", "city", "Oslo", /would take the nodes and every copy/],
  "state-backend": [
    "State",
    "state",
    "backend",
    "https://api.pulumi.com",
    /It is Pulumi Cloud, run by Pulumi Corporation in the US/,
  ],
  "state-secrets": ["State", "state", "secretsProvider", "awskms://alias/x", /is awskms.*Amazon holds the key/],
  "log-location": ["Endpoints", "logs", "hosts", elsewhere("logs.example.com"), /hosts\[0\]\.country: is US/],
  "name-servers": [
    "KvmNode",
    "cp1",
    "nameservers[0]",
    "8.8.8.8",
    /nameservers\[0\]: is 8\.8\.8\.8.*allowed: 10\.20\.0\.2\. It is Google/,
  ],
  "image-registry": [
    "Deployment",
    "shop",
    "spec.template.spec.containers[0].image",
    "nginx:1.27",
    /is docker\.io\/library\/nginx.*Docker Hub/,
  ],
  "package-source": [
    "NodeImage",
    "hv1-image",
    "sources[0].uri",
    "https://apt.example.com",
    /sources\[0\]\.uri: is apt\.example\.com.*Nobody recorded where it is/,
  ],
  "certificate-authority": [
    "ClusterIssuer",
    "inside",
    "spec.acme.server",
    "https://acme-v02.api.letsencrypt.org/directory",
    /Let's Encrypt/,
  ],
  discovery: [
    "Endpoints",
    "discovery",
    "hosts",
    elsewhere("discovery.etcd.io"),
    /hosts\[0\]\.host: is discovery\.etcd\.io/,
  ],
  "time-servers": ["KvmNode", "cp1", "timeServers[0]", "time.google.com", /timeServers\[0\]: is time\.google\.com/],
  "telemetry-location": [
    "Endpoints",
    "telemetry",
    "hosts",
    elsewhere("usage.example.com"),
    /operator\.parentCountry: is US/,
  ],
  "telemetry-off": [
    "FelixConfiguration",
    "default",
    "spec.usageReportingEnabled",
    true,
    /usageReportingEnabled: is true.*allowed: false/,
  ],
  "operator-jurisdiction": [
    "KvmNode",
    "cp1",
    "site.operator.parentCountry",
    "US",
    /site\.operator\.parentCountry: is US/,
  ],
  "support-access": ["KvmNode", "cp1", "site.supportCountries[0]", "IN", /site\.supportCountries\[0\]: is IN/],
  "nsm-data-centre": ["Attestation", "nsm-factor-1", "until", inDays(-1), /It ended on/],
  "nsm-staff": ["Attestation", "nsm-factor-2", "until", inDays(800), /is too far ahead/],
  "nsm-preparedness": ["Attestation", "nsm-factor-3", "by", "", /by: unverifiable/],
  "nsm-ownership": ["Attestation", "nsm-factor-4", "statement", "", /statement: unverifiable/],
  "nsm-trust": ["Attestation", "nsm-factor-5", "until", "soon", /It is not a day/],
  "nsm-tenants": ["Attestation", "nsm-factor-6", "until", inDays(-400), /It ended on/],
};

const everythingForbidden = Object.values(forbidden).reduce(
  (program, [type, name, path, value]) => changed(program, type, name, path, value),
  [...inOslo],
);

function spoken({ said }: Verdict, policy: string): string {
  return said
    .filter((one) => one.policy === policy)
    .map(({ message }) => message)
    .join("\n");
}

test("a program that keeps to everything passes, and no rule was idle", async () => {
  const { code, said, output } = await pack.preview(inOslo);
  assert.equal(code, 0, output);
  assert.deepEqual(said, []);
});

test("every rule finds what breaks it, and says where, what is allowed and what to do", async (t) => {
  const verdict = await pack.preview(everythingForbidden);
  assert.notEqual(verdict.code, 0);
  for (const { name, id, title } of rules) {
    await t.test(`${id} ${title}`, () => {
      const [, , , , says] = forbidden[name] ?? assert.fail(`${name} has no violating program`);
      assert.match(spoken(verdict, name), says);
      assert.ok(verdict.violations.some(({ policy }) => policy === name));
    });
  }
});

test("a program that records nothing is told so, rule by rule", async () => {
  const verdict = await pack.preview([]);
  for (const { name } of rules.filter(({ ifNone }) => ifNone)) assert.match(spoken(verdict, name), /unverifiable\. No/);
  assert.match(spoken(verdict, "coverage"), /RES-11 had nothing to judge.*StorageClass/);
});

test("in the EEA is a profile of its own", async () => {
  assert.notEqual((await pack.preview(inStockholm)).code, 0);
  const { code, output } = await pack.preview(inStockholm, { pack: { profile: "eea" } });
  assert.equal(code, 0, output);
});

test("a forbidden node is stopped before it is made; what was made is judged again from the state", async () => {
  const abroad = changed(inOslo, "KvmNode", "cp1", "site.country", "DE");
  const { code, steps } = await pack.up(abroad);
  assert.notEqual(code, 0);
  assert.ok(!steps.includes("create cp1"), steps.join());

  assert.equal((await pack.up(abroad, { all: "advisory" })).code, 0);
  const { violations } = await pack.analyze();
  assert.deepEqual(
    violations.map(({ policy }) => policy),
    ["node-location"],
  );
});

test("a backup's record that is taken away is missed", async () => {
  assert.equal((await pack.up(inOslo)).code, 0);
  const without = inOslo.filter(({ type }) => type !== "kjerne:residency:Backup");
  const verdict = await pack.preview(without);
  assert.match(spoken(verdict, "backup-location"), /Stack test-dev: unverifiable\. Nothing records where backups lie/);
});

test("a parameter that does not exist is an error of the pack, and so is a value that it may not have", async () => {
  const misspelled = await pack.preview(inOslo, { pack: { profil: "eea" } });
  assert.match(spoken(misspelled, "exceptions"), /POL-01 Parameter pack: Unrecognized key: "profil"/);
  const wrong = await pack.preview(inOslo, { pack: { profile: "europe" } });
  assert.notEqual(wrong.code, 0);
  assert.match(wrong.output, /validating policy config.*|pack: profile/s);
});
