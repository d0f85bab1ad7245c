import assert from "node:assert/strict";
import { test } from "node:test";
import type { Answer } from "../../components/verify/answers";
import { liveFacts } from "../../review/evidence/live";
import { parseVantage } from "../../review/evidence/read-live";

const said = (stdout: string): Answer => ({ status: 0, stdout, stderr: "" });
const digest = `sha256:${"a".repeat(64)}`;

/** What the programs on a node print, in their documented forms. */
const answers: Readonly<Record<string, Answer>> = {
  containers: said(`[{"name":"calico-node","image":"${digest}"}]`),
  images: said(
    `[{"id":"${digest}","tags":["docker.io/calico/node:v3.28.5"],"digests":["docker.io/calico/node@${digest}"]}]`,
  ),
  registries: said("registry docker.io\nhttp://10.77.0.3:5000\nhttp://10.77.0.3:5000\n"),
  packages: said("deb [signed-by=/etc/apt/keyrings/k.asc] http://10.77.0.3 bookworm main\n"),
  nameServers: said("nameserver 10.77.0.1\n"),
  timeServers: said(
    [
      "MS Name/IP address         Stratum Poll Reach LastRx Last sample",
      "===============================================================================",
      "^* ntp.justervesenet.no          1   6   377    32    +12us[ +20us] +/-  310us",
    ].join("\n"),
  ),
  roundTrips: said("10.77.0.1:179 412\n"),
};
const declared = {
  hosts: { registry: ["10.77.0.3"], packages: ["10.77.0.3"], time: ["ntp.justervesenet.no"], dns: ["10.77.0.1"] },
  serves: ["registry.k8s.io", "docker.io/calico"],
};
const vantage = parseVantage(["10.77.0.1:179=Oslo"]);
const facts = (changed: Readonly<Record<string, Answer | undefined>> = {}) =>
  liveFacts("cp1", { ...answers, ...changed }, declared, vantage);
const bad = (changed: Readonly<Record<string, Answer | undefined>>) =>
  facts(changed)
    .filter(({ state }) => state !== "shown")
    .map(({ about, read, state }) => `${about} ${read} ${state}`);

test("a node that asks only who is declared has nothing against it", () => {
  assert.deepEqual(bad({}), []);
  assert.deepEqual(
    facts().map(({ about, read }) => `${about} ${read}`),
    [
      `image docker.io/calico/node@${digest}`,
      "registry 10.77.0.3",
      "package source 10.77.0.3",
      "name server 10.77.0.1",
      "time server ntp.justervesenet.no",
      "round trip 10.77.0.1:179 412",
    ],
  );
});

test("what a node really asks counts, not what its settings say", () => {
  assert.deepEqual(bad({ nameServers: said("Link 2 (eth0): 8.8.8.8\n") }), ["name server 8.8.8.8 violated"]);
  assert.deepEqual(bad({ timeServers: said("^? time.google.com 1 6 377 32 +12us[ +20us] +/- 310us") }), [
    "time server time.google.com violated",
  ]);
  assert.deepEqual(bad({ registries: said("registry quay.io\nhttps://quay.io\n") }), ["registry quay.io violated"]);
  assert.deepEqual(bad({ images: said(`[{"id":"${digest}","digests":["docker.io/library/redis@${digest}"]}]`) }), [
    `image docker.io/library/redis@${digest} violated`,
  ]);
});

test("a running image that the node can't name is not let through", () => {
  assert.deepEqual(bad({ images: said("[]") }), [`image ${digest} violated`]);
});

test("what could not be read is unverifiable", () => {
  const failed = { status: 1, stdout: "", stderr: "crictl: no such socket" };
  assert.deepEqual(bad({ containers: failed }), ["image  unverifiable"]);
  assert.deepEqual(bad({ timeServers: undefined }), ["time server  unverifiable"]);
  assert.deepEqual(bad({ roundTrips: { status: 124, stdout: "", stderr: "" } }), ["round trip  unverifiable"]);
});

test("a round trip bounds the distance by the speed of light in fibre", () => {
  const trip = (microseconds: number) => facts({ roundTrips: said(`10.77.0.1:179 ${microseconds}`) }).at(-1)?.meaning;
  assert.equal(trip(412), "This node is at most 42 km of fibre away from Oslo.");
  assert.equal(trip(25_000), "This node is at most 2500 km of fibre away from Oslo.");
});

test("a vantage point without its place is refused with the form", () => {
  assert.throws(() => parseVantage(["10.77.0.1"]), /ADDRESS:PORT=PLACE/);
});
