import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { hostname, release, tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { observedCluster } from "../../components/verify/observed-cluster";
import { observedNode } from "../../components/verify/observed-node";
import { sentScript } from "../../components/verify/ssh";
import type { Answers } from "../unit/verify/healthy";

/** The scripts run as they are sent to a node, on this machine. Its only program of a node is a kubectl made here. */
const directory = mkdtempSync(join(tmpdir(), "kjerne-observe-"));
const at = (name: string) => join(directory, name);

before(() => {
  for (const name of ["bin", "tmp"]) mkdirSync(at(name));
});
after(() => rmSync(directory, { recursive: true }));

async function run(script: string, input: object): Promise<Answers> {
  const env = { ...process.env, PATH: `${at("bin")}:${process.env.PATH}`, TMPDIR: at("tmp") };
  const argv = ["-c", await sentScript(script), script];
  const { status, stdout, stderr } = spawnSync("bash", argv, { env, input: JSON.stringify(input), encoding: "utf8" });
  assert.equal(status, 0, stderr);
  assert.deepEqual(readdirSync(at("tmp")), [], "it left files");
  return JSON.parse(stdout);
}

const kubectl = (body: string) => writeFileSync(at("bin/kubectl"), `#!/bin/bash\n${body}\n`, { mode: 0o755 });
const observe = (cluster: boolean) => run("verify/observe.sh", { sysctls: ["kernel.ostype"], seconds: 0, cluster });

test("observe.sh prints a reading for each command, and why one could not be had", async () => {
  const answers = await observe(false);
  const observed = observedNode((name) => answers[name]);
  assert.deepEqual(observed.hostname, { value: hostname() });
  assert.deepEqual(observed.kernel, { value: release() });
  assert.deepEqual(observed.sysctls, { value: new Map([["kernel.ostype", "Linux"]]) });
  assert.ok("value" in observed.stealPercent);
  assert.match(JSON.stringify(observed.bgp), /unreadable/);
  assert.match(answers.cniMtu?.stderr ?? "", /No such file/);
  assert.equal(answers.nodes, undefined, "nobody asked for the cluster");
});

test("observe.sh cuts what the API server holds down to what is judged", async () => {
  const ready = { conditions: [{ type: "Ready", status: "True" }] };
  const pod = (name: string, metadata: object = {}) => ({
    ...{ kind: "Pod", metadata: { namespace: "a", name, ...metadata } },
    ...{ spec: { nodeName: "cp1" }, status: { phase: "Running", ...ready } },
  });
  const service = (name: string) => ({
    ...{ kind: "Service", metadata: { namespace: "default", name } },
    spec: { clusterIP: "10.96.0.1", ports: [{ name: "https", protocol: "TCP", port: 443, targetPort: 6443 }] },
  });
  const slice = {
    kind: "EndpointSlice",
    metadata: { namespace: "default", name: "any", labels: { "kubernetes.io/service-name": "kubernetes" } },
    ports: [{ name: "https", protocol: "TCP", port: 6443 }],
    endpoints: [{ addresses: ["10.77.0.11"] }, { addresses: ["10.77.0.12"], conditions: { ready: false } }],
  };
  const items = [
    { kind: "Node", metadata: { name: "cp1" }, status: { ...ready, nodeInfo: { kubeletVersion: "v1.36.3" } } },
    ...[pod("stays"), pod("leaves", { deletionTimestamp: "2026-01-01T00:00:00Z" })],
    ...[service("kubernetes"), service("other"), slice],
    { kind: "NetworkPolicy", metadata: { namespace: "a", name: "deny" }, spec: { podSelector: {} } },
    { kind: "IPPool", metadata: { name: "pool" }, spec: { cidr: "10.244.0.0/16", ipipMode: "Never" } },
    {
      kind: "BlockAffinity",
      metadata: { name: "any" },
      spec: { cidr: "10.244.1.0/26", node: "cp1", state: "confirmed" },
    },
  ];
  kubectl(`cat <<'END'\n${JSON.stringify({ items })}\nEND`);
  const answers = await observe(true);
  assert.deepEqual(
    observedCluster((name) => answers[name]),
    {
      nodes: { value: [{ name: "cp1", ready: true, version: "v1.36.3" }] },
      pods: { value: [{ namespace: "a", name: "stays", node: "cp1", phase: "Running", ready: true }] },
      services: {
        value: [
          { name: "default/kubernetes", ports: [{ service: "TCP 10.96.0.1:443", endpoints: ["10.77.0.11:6443"] }] },
        ],
      },
      policies: { value: [{ namespace: "a", name: "deny", spec: { podSelector: {} } }] },
      pools: { value: [{ name: "pool", cidr: "10.244.0.0/16", ipipMode: "Never" }] },
      blocks: { value: [{ cidr: "10.244.1.0/26", node: "cp1", state: "confirmed" }] },
    },
  );
});

test("when the API server does not answer, everything about the cluster is unreadable and says so", async () => {
  kubectl("echo 'connection refused' >&2; exit 1");
  const answers = await observe(true);
  for (const reading of Object.values(observedCluster((name) => answers[name]))) {
    assert.deepEqual(reading, { unreadable: "connection refused" });
  }
  assert.equal(answers.hostname?.status, 0);
});

test("residency.sh measures the way to servers whose place is known", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const vantage = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const answers = await run("verify/residency.sh", { vantage: [vantage] }).finally(() => server.close());
  assert.match(answers.roundTrips?.stdout ?? "", new RegExp(`^${vantage} \\d+\n$`));
  const names = ["containers", "images", "nameServers", "packages", "registries", "roundTrips", "timeServers"];
  assert.deepEqual(Object.keys(answers).sort(), names);
});
