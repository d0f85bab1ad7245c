import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { parameters } from "../../policies/residency/parameters";
import { rules } from "../../policies/residency/rules";
import { find } from "./described";
import type { Described } from "./programs/resources";
import { complaints, told } from "./residency-complaints";
import { changed, inOslo } from "./residency-programs";

const american =
  "docker.io docker.com quay.io ghcr.io github.com gcr.io pkg.dev k8s.io mcr.microsoft.com public.ecr.aws amazonaws.com " +
  "googleapis.com google.com windows.net azure.com windows.com apple.com cloudflare.com letsencrypt.org pulumi.com " +
  "discovery.etcd.io 8.8.8.8 8.8.4.4 1.1.1.1 1.0.0.1";

test("services under the law of the US are known, whatever is declared about them", () => {
  for (const host of american.split(" ")) {
    const asking = changed(inOslo, "Endpoints", "time", "hosts[0].host", host);
    assert.match(complaints(asking), /hosts\[0\]\.host: is .*, not allowed\. It is .*whose law reaches it/, host);
  }
});

const without = (type: string, name?: string) =>
  inOslo.filter((one) => !(one.type.endsWith(`:${type}`) && (name === undefined || one.name === name)));

test("who vouches is missed, subject by subject", () => {
  for (const about of ["operator", "support"]) {
    assert.match(complaints(without("Attestation", about)), new RegExp(`there is no attestation about ${about}`));
  }
});

test("who is asked is missed where nobody is named and nothing is recorded, use by use", () => {
  const uses = inOslo.filter(({ type }) => type.endsWith(":Endpoints")).map(({ name }) => name);
  assert.ok(uses.length > 7);
  for (const use of uses) {
    const silent = changed(
      changed(without("Endpoints", use), "KvmNode", "cp1", "timeServers", []),
      "KvmNode",
      "cp1",
      "nameservers",
      [],
    );
    assert.match(
      complaints(silent),
      new RegExp(`endpoints\\.${use}; an empty list says nobody|Nobody recorded|nobody, for nothing`),
    );
  }
  const asked = changed(without("Endpoints", "time"), "KvmNode", "cp1", "timeServers", []);
  assert.match(complaints(asked), /Nothing records who is asked for the time/);
});

test("a list that says nobody is shown as that", () => {
  const logs = rules.find(({ name }) => name === "log-location");
  assert.ok(logs);
  assert.deepEqual(
    find(logs, inOslo, told).map(({ state, read }) => `${state} ${read}`),
    ["shown nobody"],
  );
});

test("a record whose host can't be told from a secret is not repeated in what is allowed", () => {
  const said = complaints(changed(inOslo, "Endpoints", "registry", "hosts[0].host", "geheim vert"));
  assert.match(said, /RES-18/);
  assert.doesNotMatch(said, /geheim/);
});

test("a node abroad is in no Norwegian register", () => {
  const abroad = changed(inOslo, "KvmNode", "cp1", "site.country", "SE");
  assert.doesNotMatch(complaints(changed(abroad, "KvmNode", "cp1", "site.nkomRegistration", undefined)), /RES-06/);
});

test("a class of data that is allowed is nobody's to read", () => {
  const rule = rules.find(({ id }) => id === "RES-07");
  assert.ok(rule);
  assert.deepEqual(new Set(find(rule, inOslo, told).map(({ read }) => read)), new Set([undefined]));
});

test("the rules know hypervisors, probes and issuers as they know nodes, pods and cluster issuers", () => {
  const hypervisor = (uri: string): Described => ({
    ...{ type: "kjerne:hypervisor:Hypervisor", name: "hv1" },
    properties: { address: "10.20.0.2", packages: [{ uri }] },
  });
  const reaching = changed(inOslo, "Command", "look", "connection.host", "10.20.0.2");
  assert.equal(complaints([...reaching, hypervisor("https://mirror.eksempel.no/apt")]), "");
  assert.match(
    complaints([...inOslo, hypervisor("https://apt.example.com")]),
    /packages\[0\]\.uri: is apt\.example\.com/,
  );

  const probing = {
    type: "kjerne:verify:Verification",
    name: "v",
    properties: { wanted: { probe: { image: "nginx" } } },
  };
  assert.match(complaints([...inOslo, probing]), /wanted\.probe\.image: is docker\.io\/library\/nginx/);

  const server = "https://acme-v02.api.letsencrypt.org/directory";
  const issuer = {
    type: "kubernetes:cert-manager.io/v1:Issuer",
    name: "i",
    properties: { spec: { acme: { server } } },
  };
  assert.match(complaints([...inOslo, issuer]), /Issuer i, spec\.acme\.server: is acme-v02/);
});

test("a command declares no machine, whatever it calls an address", () => {
  const address = "203.0.113.9";
  const elsewhere = changed(inOslo, "Command", "look", "connection.host", address);
  assert.match(complaints(changed(elsewhere, "Command", "look", "address", address)), /RES-02/);
});

test("the profiles that lie beside the pack can be read by it", async () => {
  for (const profile of ["norway", "eea"]) {
    const file = join(__dirname, `../../policies/residency/profiles/${profile}.json`);
    assert.equal(parameters.parse(JSON.parse(await readFile(file, "utf8")).pack).profile, profile);
  }
});
