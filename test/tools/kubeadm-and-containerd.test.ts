import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { after, before, test } from "node:test";
import { type CalicoFacts, calicoEndpoint, editCalicoManifest } from "../../components/network/calico-manifest";
import { workerFiles } from "../../node-config/exclusive-cpus";
import { renderInit, renderJoin, renderKubeProxy } from "../../node-config/kubeadm";
import { nodeFiles } from "../../node-config/node-files";
import { versions } from "../../node-config/versions";
import { calicoFiles } from "../../tools/supply/calico-files";
import { buildGoModule } from "../../tools/supply/go-module";
import { containerd, kubernetes } from "../../tools/supply/recipes/modules";
import { cp1, credentials, facts, ipvs, worker1 } from "../unit/cluster-samples";

const directory = mkdtempSync(join(tmpdir(), "kjerne-kubeadm-"));
const programs: Record<string, string> = {};
before(async () => {
  const silent = () => {};
  const built = await buildGoModule(kubernetes(versions.default), silent);
  for (const name of ["kubeadm", "kubelet"]) programs[name] = join(built, name);
  programs.containerd = join(await buildGoModule(containerd, silent), "containerd");
});
after(() => rmSync(directory, { recursive: true }));

const emulated = { ...facts, pace: "emulated", controlPlanes: 3 } as const;
for (const [name, yaml] of Object.entries({
  init: renderInit(facts, cp1),
  "init under emulation": renderInit(emulated, { ...cp1, taints: [] }),
  join: renderJoin(facts, worker1, credentials),
  "join as control plane": renderJoin(emulated, cp1, { ...credentials, certificateKey: "0".repeat(64) }),
  "kube-proxy ipvs": renderKubeProxy(facts, cp1, ipvs),
  "kube-proxy nftables": renderKubeProxy(facts, cp1, { ...ipvs, mode: "nftables" }),
  ...Object.fromEntries(
    // Strings that YAML 1.1, which Go reads, takes for booleans and numbers where they stand without quotes.
    ["no", "on", "1e3", "0x10", "0o17", "1_000", "12:30:00"].map((word) => [
      `a cluster and a taint called ${word}`,
      renderInit({ ...facts, name: word }, { ...cp1, taints: [{ key: word, value: word, effect: "NoSchedule" }] }),
    ]),
  ),
  "a kube-proxy feature gate": renderKubeProxy(facts, cp1, { ...ipvs, featureGates: { KubeProxyIPVS: true } }),
})) {
  test(`kubeadm accepts the configuration for ${name}`, () => {
    const file = join(directory, "kubeadm.yaml");
    writeFileSync(file, yaml);
    const { status, stderr } = spawnSync(programs.kubeadm as string, ["config", "validate", "--config", file], {
      encoding: "utf8",
    });
    assert.equal(status, 0, stderr);
  });
}

test("kubelet reads a worker's own part of its configuration beside kubeadm's, and takes it", () => {
  const files = workerFiles({ exclusiveCpus: { reservedSystemCpus: "0" } });
  const [, ownDirectory = ""] =
    /--config-dir=([^"]+)"/.exec(
      Object.values(files)
        .map(({ content }) => content)
        .join(),
    ) ?? [];
  const own = Object.entries(files).filter(([path]) => path.startsWith(ownDirectory));
  assert.equal(own.length, 1);
  const config = renderInit({ ...facts, containers: true }, cp1)
    .split("---\n")
    .find((one) => one.includes("kind: KubeletConfiguration"));
  const started = (edit: (content: string) => string) => {
    const [place, configured] = [join(directory, "kubelet"), join(directory, "kubelet.yaml")];
    mkdirSync(place, { recursive: true });
    writeFileSync(configured, config ?? "");
    for (const [path, { content }] of own) writeFileSync(join(place, basename(path)), edit(content));
    const apart = ["--root-dir", join(directory, "root"), "--cert-dir", join(directory, "certificates")];
    const args = ["--config", configured, "--config-dir", place, ...apart];
    return spawnSync("timeout", ["60", programs.kubelet as string, ...args], { encoding: "utf8" }).stderr;
  };
  // Behind its configuration it looks for an API server, and has none here.
  assert.match(started(String), /no client provided/);
  assert.match(
    started((text) => text.replace(/: restricted$/m, ": nearest")),
    /topologyManagerPolicy .*nearest.* must be one of/,
  );
});

test("containerd reads cgroup driver, pause image, mirrors and CNI directories from a node's files", () => {
  // A release whose pause image is not containerd's own default.
  const older = { ...facts, kubernetesVersion: "1.35.4" };
  const files = nodeFiles(older, cp1, [{ registry: "docker.io", mirror: "http://10.20.0.3:5000" }]);
  for (const [path, { content }] of Object.entries(files).filter(([path]) => path.startsWith("/etc/containerd/"))) {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(
      join(directory, path),
      content.replaceAll("/etc/containerd/conf.d", `${directory}/etc/containerd/conf.d`),
    );
  }
  const config = join(directory, "etc/containerd/config.toml");
  const dump = execFileSync(programs.containerd as string, ["--config", config, "config", "dump"], {
    encoding: "utf8",
  });
  for (const line of [
    "SystemdCgroup = true",
    `sandbox = 'registry.k8s.io/pause:${versions.kubernetes[older.kubernetesVersion]?.pause}'`,
    "config_path = '/etc/containerd/certs.d'",
    "bin_dirs = ['/opt/cni/bin', '/usr/lib/cni']",
  ]) {
    assert.ok(dump.includes(line), `containerd config dump lacks: ${line}`);
  }
});

test("editing Calico's real manifest disables IPIP and leaves its images unchanged", async () => {
  const { manifest } = await calicoFiles();
  const text = readFileSync(manifest, "utf8");
  const calico: CalicoFacts = {
    podCidr: facts.podCidr,
    blockSize: 26,
    autodetection: "interface=eth0",
    mtu: 1500,
    proxyMode: "ipvs",
    pace: "emulated",
    endpoint: facts.endpoint,
  };
  const objects = editCalicoManifest(text, calico);
  const images = (from: string) => [...from.matchAll(/docker\.io\/calico\/[\w-]+:v[\d.]+/g)].map(String).sort();
  assert.deepEqual(images(JSON.stringify(objects)), images(text));
  assert.equal(objects.filter(({ kind }) => kind === "CustomResourceDefinition").length, 18);
  const environment = JSON.stringify(objects.find(({ kind }) => kind === "DaemonSet"));
  assert.match(environment, /"CALICO_IPV4POOL_IPIP","value":"Never"/);
  assert.doesNotMatch(environment, /"value":"Always"/);
  const [endpoint] = calicoEndpoint(calico);
  assert.match(environment, new RegExp(`"configMapRef":{"name":"${endpoint?.metadata.name}"`));
});
