import assert from "node:assert/strict";
import { test } from "node:test";
import type { Answer } from "../../components/verify/answers";
import { liveFacts } from "../../review/evidence/live";
import { knownPlaces, parseVantage } from "../../review/evidence/read-live";

const printed = (stdout: string): Answer => ({ status: 0, stdout, stderr: "" });
const digest = `sha256:${"a".repeat(64)}`;

/** Output of the programs on a node, in their documented formats. */
const answers: Readonly<Record<string, Answer>> = {
  containers: printed(`[{"name":"calico-node","image":"${digest}"}]`),
  images: printed(
    `[{"id":"${digest}","tags":["docker.io/calico/node:v3.28.5"],"digests":["docker.io/calico/node@${digest}"]}]`,
  ),
  registries: printed("registry docker.io\nhttp://10.77.0.3:5000\nhttp://10.77.0.3:5000\n"),
  packages: printed("deb [signed-by=/etc/apt/keyrings/k.asc] http://10.77.0.3 bookworm main\n"),
  nameServers: printed("nameserver 10.77.0.1\n"),
  timeServers: printed(
    [
      "MS Name/IP address         Stratum Poll Reach LastRx Last sample",
      "===============================================================================",
      "^* ntp.justervesenet.no          1   6   377    32    +12us[ +20us] +/-  310us",
    ].join("\n"),
  ),
  roundTrips: printed("10.77.0.1:179 412\n"),
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

test("a node that uses only declared servers and images has no finding against it", () => {
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

test("a server or image that a node really uses and the stack does not declare is a violation", () => {
  assert.deepEqual(bad({ nameServers: printed("Link 2 (eth0): 8.8.8.8\n") }), ["name server 8.8.8.8 violated"]);
  assert.deepEqual(bad({ timeServers: printed("^? time.google.com 1 6 377 32 +12us[ +20us] +/- 310us") }), [
    "time server time.google.com violated",
  ]);
  assert.deepEqual(bad({ registries: printed("registry quay.io\nhttps://quay.io\n") }), ["registry quay.io violated"]);
  assert.deepEqual(bad({ images: printed(`[{"id":"${digest}","digests":["docker.io/library/redis@${digest}"]}]`) }), [
    `image docker.io/library/redis@${digest} violated`,
  ]);
});

test("a running image that the node cannot name is a violation", () => {
  assert.deepEqual(bad({ images: printed("[]") }), [`image ${digest} violated`]);
});

test("a value that could not be read on a node is unverifiable", () => {
  const failed = { status: 1, stdout: "", stderr: "crictl: no such socket" };
  assert.deepEqual(bad({ containers: failed }), ["image  unverifiable"]);
  assert.deepEqual(bad({ timeServers: undefined }), ["time server  unverifiable"]);
  assert.deepEqual(bad({ roundTrips: { status: 124, stdout: "", stderr: "" } }), ["round trip  unverifiable"]);
});

test("a round-trip time limits a node's distance by the speed of light in fibre", () => {
  const trip = (microseconds: number) =>
    facts({ roundTrips: printed(`10.77.0.1:179 ${microseconds}`) }).at(-1)?.meaning;
  assert.equal(trip(412), "This node is at most 42 km of fibre away from Oslo.");
  assert.equal(trip(25_000), "This node is at most 2500 km of fibre away from Oslo.");
});

test("the landmarks of the settings are vantage points, and who names another place for one is believed", () => {
  const landmarks = [
    { name: "NIX1 in Oslo", address: "193.156.90.1", port: 179 },
    { name: "the office", address: "10.20.0.3", port: 22 },
  ];
  assert.deepEqual(
    [...knownPlaces(landmarks, parseVantage(["10.20.0.3:22=Oslo", "10.20.0.4:22=Bergen"]))],
    [
      ["193.156.90.1:179", "NIX1 in Oslo"],
      ["10.20.0.3:22", "Oslo"],
      ["10.20.0.4:22", "Bergen"],
    ],
  );
  assert.deepEqual([...knownPlaces()], []);
});

test("a vantage point without a place is refused, and the error shows the format", () => {
  assert.throws(() => parseVantage(["10.77.0.1"]), /ADDRESS:PORT=PLACE/);
});
