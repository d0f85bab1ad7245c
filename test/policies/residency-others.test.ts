import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { parameters } from "../../policies/residency/parameters";
import { rules } from "../../policies/residency/rules";
import { find } from "./described";
import type { Described } from "./programs/resources";
import { complaints, defaults } from "./residency-complaints";
import { changed, inOslo } from "./residency-programs";

const american =
  "docker.io docker.com quay.io ghcr.io github.com gcr.io pkg.dev k8s.io mcr.microsoft.com public.ecr.aws amazonaws.com " +
  "googleapis.com google.com windows.net azure.com windows.com apple.com cloudflare.com letsencrypt.org pulumi.com " +
  "discovery.etcd.io 8.8.8.8 8.8.4.4 1.1.1.1 1.0.0.1";

test("a host of a well-known US service is a violation, whatever country is recorded for it", () => {
  for (const host of american.split(" ")) {
    const asking = changed(inOslo, "Endpoints", "time", "hosts[0].host", host);
    assert.match(complaints(asking), /hosts\[0\]\.host: is .*, not allowed\. It is .*whose law reaches it/, host);
  }
});

const without = (type: string, name?: string) =>
  inOslo.filter((one) => !(one.type.endsWith(`:${type}`) && (name === undefined || one.name === name)));

test("a missing attestation about operator or support is a violation that names the subject", () => {
  for (const about of ["operator", "support"]) {
    assert.match(complaints(without("Attestation", about)), new RegExp(`there is no attestation about ${about}`));
  }
});

test("a missing Endpoints record is a violation for each use", () => {
  const uses = inOslo.filter(({ type }) => type.endsWith(":residency:Endpoints")).map(({ name }) => name);
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

test("an empty list of hosts passes, and the finding says nobody", () => {
  const logs = rules.find(({ name }) => name === "log-location");
  assert.ok(logs);
  assert.deepEqual(
    find(logs, inOslo, defaults).map(({ state, read }) => `${state} ${read}`),
    ["declared nobody"],
  );
});

test("no message repeats a recorded host that is no host name, since it may be a secret", () => {
  const said = complaints(changed(inOslo, "Endpoints", "registry", "hosts[0].host", "geheim vert"));
  assert.match(said, /RES-18/);
  assert.doesNotMatch(said, /geheim/);
});

test("RES-06 asks for no registration of a node outside Norway", () => {
  const abroad = changed(inOslo, "KvmNode", "cp1", "site.country", "SE");
  assert.doesNotMatch(complaints(changed(abroad, "KvmNode", "cp1", "site.nkomRegistration", undefined)), /RES-06/);
});

test("RES-07 does not repeat a data class that is allowed", () => {
  const rule = rules.find(({ id }) => id === "RES-07");
  assert.ok(rule);
  assert.deepEqual(new Set(find(rule, inOslo, defaults).map(({ read }) => read)), new Set([undefined]));
});

test("residency rules judge hypervisors, files on nodes, probes and Issuers as they judge nodes, node images, pods and ClusterIssuers", () => {
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

  const written = (mirror: string) => ({
    ...{ type: "kjerne:cluster:NodeBase", name: "w1-base" },
    properties: { node: "w1", mirrors: [{ registry: "registry.k8s.io", mirror }] },
  });
  assert.equal(complaints([...inOslo, written("https://mirror.eksempel.no:5000")]), "");
  assert.match(complaints([...inOslo, written("https://registry-1.docker.io")]), /mirrors\[0\]\.mirror: is registry-1/);

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

test("RES-02 does not take the address field of a command for a declared machine", () => {
  const address = "203.0.113.9";
  const elsewhere = changed(inOslo, "Command", "look", "connection.host", address);
  assert.match(complaints(changed(elsewhere, "Command", "look", "address", address)), /RES-02/);
});

test("each file in residency/profiles holds valid parameters", async () => {
  for (const profile of ["norway", "eea"]) {
    const file = join(__dirname, `../../policies/residency/profiles/${profile}.json`);
    assert.equal(parameters.parse(JSON.parse(await readFile(file, "utf8")).pack).profile, profile);
  }
});
