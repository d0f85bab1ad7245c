import assert from "node:assert/strict";
import { test } from "node:test";
import { backupFiles, storeFile } from "../../node-config/backup";
import { renderEncryption } from "../../node-config/encryption";
import { workerFiles } from "../../node-config/exclusive-cpus";
import { type FileSet, merge, readTree } from "../../node-config/file-set";
import { renderInit, renderJoin, renderKubeProxy } from "../../node-config/kubeadm";
import { controlPlaneFiles, nodeFiles } from "../../node-config/node-files";
import { commandsAfterWriting } from "../../node-config/restarts";
import { sysctlFiles, sysctlProfiles, sysctlsIn } from "../../node-config/sysctl";
import { vrrpFiles } from "../../node-config/vrrp";
import { backup, recipients, credentials as storeCredentials } from "./backup-samples";
import { cp1, credentials, facts, ipvs, worker1 } from "./cluster-samples";
import { assertGoldenFiles } from "./golden-files";

const contents = (files: FileSet) => Object.fromEntries(Object.entries(files).map(([path, f]) => [path, f.content]));
const mirrors = [
  { registry: "registry.k8s.io", mirror: "http://10.20.0.3:5000" },
  { registry: "docker.io", mirror: "http://10.20.0.3:5000" },
];

test("a control plane and a worker get exactly the reviewed files", () => {
  const profiles = sysctlFiles(["base", "router"]);
  const controlPlane = controlPlaneFiles(facts, renderInit(facts, cp1));
  assertGoldenFiles("node-cp1", contents(merge(nodeFiles(facts, cp1, mirrors), profiles, controlPlane)));
  assertGoldenFiles("node-worker1", contents(merge(nodeFiles(facts, worker1, mirrors), profiles)));
  assert.equal(controlPlane["/etc/kubernetes/kjerne/kubeadm.yaml"]?.mode, "0600");
});

test("a control plane that has the endpoint's address in turn gets exactly the reviewed files of keepalived", () => {
  const controlPlanes = ["10.20.0.33", "10.20.0.31", "10.20.0.32"];
  const files = vrrpFiles({ endpoint: "10.20.0.30", address: "10.20.0.31", controlPlanes });
  assertGoldenFiles("vrrp-cp1", contents(files));
});

test("a control plane that backs up etcd gets exactly the reviewed files, its store's keys in one that only root reads", () => {
  const to = backup().to;
  const kept = { to, everyMinutes: 60, keep: { count: 48, days: 14 }, recipients: [...recipients] };
  const files = merge(backupFiles("oslo", kept), storeFile(to, storeCredentials));
  assertGoldenFiles("backup-cp1", contents(files));
  assert.equal(files["/etc/kjerne/backup/rclone.conf"]?.mode, "0600");
});

test("a machine that was there keeps its /etc/hosts, a container gets a file more, and only IPVS its kernel modules", () => {
  const made = Object.keys(nodeFiles(facts, worker1, mirrors, "ipvs"));
  const rented = Object.keys(nodeFiles(facts, { ...worker1, existing: true, container: true }, mirrors, "iptables"));
  assert.deepEqual(made.filter((path) => !rented.includes(path)).sort(), [
    "/etc/hosts",
    "/etc/modules-load.d/91-kjerne-ipvs.conf",
  ]);
  assert.deepEqual(
    rented.filter((path) => !made.includes(path)),
    ["/etc/containerd/conf.d/91-kjerne-container.toml"],
  );
});

test("kubeadm gets the reviewed configuration, on bare metal and under emulation", () => {
  const emulated = { ...facts, pace: "emulated" } as const;
  assertGoldenFiles("kubeadm", {
    "init.yaml": renderInit(facts, cp1),
    "init-with-workloads.yaml": renderInit(facts, { ...cp1, taints: [] }),
    "init-emulated.yaml": renderInit(emulated, cp1),
    "init-emulated-three.yaml": renderInit({ ...emulated, controlPlanes: 3 }, cp1),
    "init-container.yaml": renderInit({ ...facts, containers: true }, { ...cp1, container: true }),
    "join-container.yaml": renderJoin(facts, { ...worker1, container: true }, credentials),
    "join.yaml": renderJoin(facts, worker1, credentials),
    "join-control-plane.yaml": renderJoin(facts, cp1, { ...credentials, certificateKey: "0".repeat(64) }),
    "kube-proxy.yaml": renderKubeProxy(facts, cp1, ipvs),
    "kube-proxy-nftables.yaml": renderKubeProxy(facts, cp1, { ...ipvs, mode: "nftables" }),
    "encryption.yaml": renderEncryption([{ name: "key1", secret: "a2V5" }]),
  });
});

test("the base profile sets the conntrack limit, conntrack timeouts and IP forwarding", () => {
  const settings = new Map(sysctlsIn(sysctlFiles(["base"])).map((s) => [s.key, s]));
  assert.deepEqual(settings.get("net.netfilter.nf_conntrack_max"), {
    key: "net.netfilter.nf_conntrack_max",
    value: "131072",
    atLeast: true,
  });
  const exact = (key: string) => [settings.get(key)?.value, settings.get(key)?.atLeast];
  assert.deepEqual(exact("net.netfilter.nf_conntrack_tcp_timeout_established"), ["86400", false]);
  assert.deepEqual(exact("net.netfilter.nf_conntrack_tcp_timeout_close_wait"), ["3600", false]);
  assert.deepEqual(exact("net.ipv4.ip_forward"), ["1", false]);
});

test("no sysctl is set twice, and every profile gives a reason for each and a link to its source", () => {
  const all = merge(readTree("common"), sysctlFiles(sysctlProfiles));
  const keys = sysctlsIn(all).map((s) => s.key);
  assert.deepEqual(
    keys.filter((key, index) => keys.indexOf(key) !== index),
    [],
  );
  for (const [path, { content }] of Object.entries(all).filter(([path]) => /sysctl.*\.conf$/.test(path))) {
    assert.match(content, /https:\/\//, `${path} names no source`);
    for (const block of content.split("\n\n")) assert.match(block, /^#/, `${path}: no reason for:\n${block}`);
  }
});

test("a Kubernetes release missing from versions.yaml is refused, and the error lists those in it", () => {
  const unknown = { ...facts, kubernetesVersion: "1.99.0" };
  assert.throws(() => nodeFiles(unknown, cp1, []), /1\.99\.0 is not in versions\.yaml; choose one of 1\.36\.3/);
});

test("workers whose pods have CPUs for themselves get kubelet's part of the configuration, and huge pages as many as said", () => {
  const files = workerFiles({ exclusiveCpus: { reservedSystemCpus: "0" }, hugePagesMiB: 512 });
  assertGoldenFiles("exclusive-cpus", contents(files));
  assert.deepEqual(workerFiles({}), {});
  const commands = commandsAfterWriting(files).map(({ command }) => command);
  assert.match(commands.join("\n"), /rm -f \/var\/lib\/kubelet\/cpu_manager_state/);
});
