import { createHash, X509Certificate } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { rootCertificates } from "node:tls";
import { type KubernetesRelease, versions } from "../../node-config/versions";
import { recipients } from "./backup-samples";
import { type Config, directory } from "./environments";
import { index, operatorKey, otherKey, publicKeyOf } from "./key-samples";

const wrote = (name: string, text: string) => {
  const path = join(directory, name);
  writeFileSync(path, text);
  return path;
};
/** Whether the certificate has not ended: one of the authorities that Node.js knows ends on any day. */
const lasts = (pem: string) => Date.parse(new X509Certificate(pem).validTo) > Date.now();
const named = (config: Config, name: string) => config.nodes.find((node: Config) => node.name === name) as Config;
const proxyOf = (config: Config) => (config.kubernetes.proxy ??= {});

/** Answers that ask little of the network. */
const asked = {
  communication: "rarely",
  latency: "tolerant",
  eastWest: "little",
  exchange: "mixed",
  directAccess: "unneeded",
  priority: "balanced",
};

/** For each setting of stacks/machine-rows.ts and stacks/cluster-rows.ts another value of it. */
export const changes: Readonly<Record<string, (config: Config) => unknown>> = {
  name: (all) => (all.name = "bergen"),
  site: (all) => Object.assign(all.site, { name: "oslo-2", city: "Bergen", dataClass: "internal" }),
  "ssh.privateKeyFile": (all) => (all.ssh.privateKeyFile = wrote("same-key", `${operatorKey.privateKey}\n`)),
  "ssh.hypervisorKeyFile": (all) => (all.ssh.hypervisorKeyFile = wrote("hypervisor-key", `${otherKey.privateKey}\n`)),
  "ssh.publicKeyFile": (all) =>
    (all.ssh.publicKeyFile = wrote("keys.pub", `${operatorKey.publicKey} a\n${publicKeyOf("colleague")} b\n`)),
  virtualisation: (all) => (all.virtualisation = "emulated"),
  "hypervisors[].name": (all) => {
    all.hypervisors[0].name = "hv9";
    for (const node of all.nodes) if (node.hypervisor === "hv1") node.hypervisor = "hv9";
  },
  "hypervisors[].address": (all) => (all.hypervisors[0].address = "10.20.0.19"),
  "hypervisors[].user": (all) => (all.hypervisors[1].user = "operator"),
  "hypervisors[].hostKey": (all) => (all.hypervisors[2].hostKey = publicKeyOf("other")),
  "hypervisors[].bridge": (all) => (all.hypervisors[0].bridge = "br1"),
  "hypervisors[].prepare": (all) => (all.hypervisors[0].prepare = true),
  "hypervisors[].fabricBridge": (all) => {
    all.network.fabric = { cidr: "10.99.0.0/16", namespaces: ["production"] };
    for (const host of all.hypervisors) host.fabricBridge = "fabric";
  },
  "hypervisors[].imageDirectory": (all) => (all.hypervisors[0].imageDirectory = "/srv/images"),
  "hypervisors[].pool.name": (all) => (all.hypervisors[0].pool = { name: "other" }),
  "hypervisors[].pool.path": (all) => (all.hypervisors[0].pool = { path: "/srv/pool" }),
  "hypervisors[].pool.medium": (all) => {
    all.virtualisation = "emulated";
    all.hypervisors[0].pool = { medium: "emulated" };
  },
  "nodes[kvm].name": (all) => (named(all, "worker1").name = "worker7"),
  "nodes[kvm].role": (all) => swap(all, "worker1", "cp3"),
  "nodes[kvm].address": (all) => (named(all, "worker1").address = "10.20.0.47"),
  "nodes[kvm].taints": (all) => (named(all, "worker1").taints = [{ key: "gpu", value: "yes", effect: "NoSchedule" }]),
  "nodes[kvm].labels": (all) => (named(all, "cp2").labels = { "topology.kubernetes.io/zone": "hall-2" }),
  "nodes[kvm].volumes": (all) => named(all, "worker1").volumes.push({ directory: "/srv/volumes/b", sizeGiB: 20 }),
  "nodes[kvm].hypervisor": (all) => (named(all, "worker1").hypervisor = "hv2"),
  "nodes[kvm].cpus": (all) => (named(all, "cp3").cpus = 6),
  "nodes[kvm].memoryMiB": (all) => (named(all, "cp2").memoryMiB = 16384),
  "nodes[kvm].rootGiB": (all) => (named(all, "worker1").rootGiB = 101),
  "nodes[kvm].etcdGiB": (all) => (named(all, "cp1").etcdGiB = 9),
  "nodes[kvm].pinnedCpus": (all) => (named(all, "worker1").pinnedCpus = [0, 1, 2, 3, 4, 5, 6, 7]),
  "nodes[existing].name": (all) => (named(all, "rented1").name = "rented7"),
  "nodes[existing].role": (all) => swap(all, "rented1", "cp3"),
  "nodes[existing].address": (all) => (named(all, "rented1").address = "10.20.0.48"),
  "nodes[existing].taints": (all) => (named(all, "rented1").taints = [{ key: "gpu", effect: "NoExecute" }]),
  "nodes[existing].labels": (all) => (named(all, "rented1").labels = { "topology.kubernetes.io/zone": "hall-2" }),
  "nodes[existing].volumes": (all) => (named(all, "rented1").volumes[0].sizeGiB = 60),
  "nodes[existing].machine.address": (all) => (named(all, "rented1").machine.address = "203.0.113.7"),
  "nodes[existing].machine.port": (all) => (named(all, "rented1").machine.port = 2222),
  "nodes[existing].machine.user": (all) => (named(all, "rented1").machine.user = "debian"),
  "nodes[existing].machine.hostKey": (all) => (named(all, "rented1").machine.hostKey = publicKeyOf("new")),
  "nodes[existing].machine.container": (all) => (named(all, "rented1").machine.container = true),
  "nodes[existing].machine.fabricInterface": (all) => offerFabric(all, "ib0"),
  "nodes[existing].machine.untestedRelease": (all) => (named(all, "rented1").machine.untestedRelease = true),
  workload: (all) => (all.workload = { ...asked, latency: "critical" }),
  "network.nodeCidr": (all) => (all.network.nodeCidr = "10.20.0.0/23"),
  "network.gateway": (all) => (all.network.gateway = "10.20.0.254"),
  "network.nameservers": (all) => all.network.nameservers.push("10.20.0.9"),
  "network.timeServers": (all) => {
    all.network.timeServers.push("ntp2.eksempel.no");
  },
  "network.operators": (all) => (all.network.operators = ["0.0.0.0/0"]),
  "network.openToPods": (all) => (all.network.openToPods = [9100]),
  "network.calico.encapsulation": (all) => (all.network.calico.encapsulation = { by: "vxlan", where: "always" }),
  "network.calico.meshPassword": (all) => (all.network.calico.meshPassword = 2),
  "network.fabric": (all) => offerFabric(all, "fab0"),
  "network.mtu": (all) => (all.network.mtu = 1500),
  "network.podCidr": (all) => (all.network.podCidr = "10.200.0.0/16"),
  "network.serviceCidr": (all) => (all.network.serviceCidr = "10.97.0.0/16"),
  "network.calico.autodetection": (all) => (all.network.calico.autodetection = "interface=eth1"),
  "network.calico.blockSize": (all) => (all.network.calico.blockSize = 25),
  "network.calico.asNumber": (all) => (all.network.calico.asNumber = 64999),
  "network.calico.version": (all) => {
    all.network.calico.version = "3.32.2";
    useManifest(all, (text) => text.replaceAll("3.28.5", "3.32.2"));
    all.supply.index = wrote("3.32.json", JSON.stringify(index).replaceAll("3.28.5", "3.32.2"));
  },
  "network.calico.manifest": (all) =>
    useManifest(all, (text) => text.replace('veth_mtu: "0"', 'veth_mtu: "0"\n  typha_service_name: "none"')),
  "network.calico.manifestSha256": (all) => useManifest(all, (text) => `${text}\n# The objects are the same.\n`),
  "network.calico.racks": (all) => (all.network.calico.racks = [{ name: "a", asNumber: 64601, nodes: ["worker1"] }]),
  "network.calico.peers": (all) =>
    Object.assign(all.network.calico.peers[0], { address: "10.20.0.5", asNumber: 64501 }),
  "kubernetes.version": (all) => {
    all.kubernetes.version = "1.35.4";
    const { etcdImage, coredns, pause } = versions.kubernetes["1.35.4"] as KubernetesRelease;
    const images = Object.entries(index.images).map(([name, digest]) => [
      name
        .replace(/:v1\.36\.3$/, ":v1.35.4")
        .replace(/\/etcd:.*/, `/etcd:${etcdImage}`)
        .replace(/\/coredns:v.*/, `/coredns:v${coredns}`)
        .replace(/\/pause:.*/, `/pause:${pause}`),
      digest,
    ]);
    const packages = Object.entries(index.packages).map(([name, version]) => [
      name,
      version.replace("1.36.3", "1.35.4"),
    ]);
    all.supply.index = wrote(
      "1.35.json",
      JSON.stringify({ ...index, packages: Object.fromEntries(packages), images: Object.fromEntries(images) }),
    );
  },
  "kubernetes.upgrade": (all) => (all.kubernetes.upgrade = { workersAtOnce: 3, drainMinutes: 20, withoutBackup: true }),
  "kubernetes.endpoint.host": (all) => (all.kubernetes.endpoint.host = "api.bergen.eksempel.no"),
  "kubernetes.endpoint.address": (all) => (all.kubernetes.endpoint.address = "10.20.0.39"),
  "kubernetes.endpoint.port": (all) => (all.kubernetes.endpoint.port = 8443),
  "kubernetes.proxy.mode": (all) => Object.assign(proxyOf(all), { mode: "iptables" }),
  "kubernetes.proxy.scheduler": (all) => Object.assign(proxyOf(all), { scheduler: "wrr" }),
  "kubernetes.proxy.syncPeriodSeconds": (all) => Object.assign(proxyOf(all), { syncPeriodSeconds: 20 }),
  "kubernetes.proxy.strictArp": (all) => Object.assign(proxyOf(all), { strictArp: true }),
  "kubernetes.sysctlProfiles": (all) => (all.kubernetes.sysctlProfiles = ["base", "router", "low-latency"]),
  "kubernetes.exclusiveCpus": (all) => (all.kubernetes.exclusiveCpus = { reservedSystemCpus: "0-1" }),
  "kubernetes.hugePagesMiB": (all) => (all.kubernetes.hugePagesMiB = 512),
  "kubernetes.operators": (all) => (all.kubernetes.operators = [{ name: "anna", clusterRole: "view" }]),
  "kubernetes.endpoint.by": (all) => Object.assign(all.kubernetes.endpoint, { address: "10.20.0.30", by: "vrrp" }),
  "network.calico.reflectors": (all) => {
    all.network.calico.reflectors = ["cp1", "cp2"];
    all.network.operators = ["192.0.2.0/24"];
  },
  "network.loadBalancerCidrs": (all) => (all.network.loadBalancerCidrs = ["10.80.0.0/24"]),
  "kubernetes.metricsServer": (all) => (all.kubernetes.metricsServer = true),
  "kubernetes.slowEtcdDisk": (all) => (all.kubernetes.slowEtcdDisk = "told"),
  "kubernetes.encryptionKey": (all) => (all.kubernetes.encryptionKey = 2),
  "kubernetes.probeImage": (all) =>
    (all.kubernetes.probeImage = `${all.kubernetes.probeImage}@sha256:${"a".repeat(64)}`),
  backup: (all) => {
    all.backup.to.s3.bucket = "elsewhere";
    Object.assign(all.backup, { everyMinutes: 30, keep: { count: 3 }, recipients: [recipients[1]] });
    all.backup.caFile = wrote("store-ca.pem", rootCertificates.find(lasts) as string);
  },
  backupCredentials: (all) => (all.backupCredentials = { secretAccessKey: "another-one" }),
  "supply.packages": (all) => (all.supply.packages[0].uri = "https://mirror2.eksempel.no/apt"),
  "supply.debian": (all) => {
    all.supply.debian = "trixie";
    all.supply.packages[0].suite = "trixie";
  },
  "supply.index": (all) =>
    (all.supply.index = wrote("other.json", JSON.stringify({ suite: "test", ...index, snapshot: "2026-12-01" }))),
  "supply.imageMirrors": (all) => (all.supply.imageMirrors[0].mirror = "https://mirror2.eksempel.no:5000"),
  otherNamespaces: (all) => (all.otherNamespaces = "reported"),
  admission: (all) => (all.admission = { action: "warn" }),
  "verification.everyMinutes": (all) => (all.verification = { ...all.verification, everyMinutes: 15 }),
  "verification.landmarks": (all) =>
    (all.verification = {
      ...all.verification,
      landmarks: [{ name: "NIX1 in Oslo", address: "192.0.2.80", port: 443 }],
    }),
  "defaultDeny[].namespace": (all) => (all.defaultDeny[0].namespace = "staging"),
  "supply.caFile": (all) => (all.supply.caFile = wrote("ca.pem", rootCertificates.find(lasts) as string)),
  "defaultDeny[].allow": (all) => Object.assign(all.defaultDeny[0].allow[0], { from: "web", port: 9090 }),
  deletionProtection: (all) => (all.deletionProtection = false),
  residency: (all) => Object.assign(all.residency.backups[0], { city: "Bergen" }),
  bgpPasswords: (all) => (all.bgpPasswords = { tor2: "another-password" }),
};

function offerFabric(config: Config, card: string): void {
  config.network.fabric = { cidr: "10.99.0.0/16", namespaces: ["production"] };
  named(config, "rented1").machine.fabricInterface = card;
}

function swap(config: Config, one: string, other: string): void {
  const roles = [named(config, one).role, named(config, other).role];
  [named(config, other).role, named(config, one).role] = roles;
}

function useManifest(all: Config, edit: (text: string) => string): void {
  const text = edit(readFileSync(all.network.calico.manifest, "utf8"));
  all.network.calico.manifest = wrote(`calico-${text.length}.yaml`, text);
  all.network.calico.manifestSha256 = createHash("sha256").update(text).digest("hex");
}
