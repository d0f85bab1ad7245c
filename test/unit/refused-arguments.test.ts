import assert from "node:assert/strict";
import { test } from "node:test";
import { rootCertificates } from "node:tls";
import { Cluster } from "../../components/cluster/cluster";
import type { ClusterArgs } from "../../components/cluster/cluster-args";
import { refuseWrong } from "../../components/cluster/refuse-wrong";
import { Hypervisor } from "../../components/hypervisor/hypervisor";
import { usable } from "../../components/network/bgp-passwords";
import { CalicoBgp } from "../../components/network/calico-bgp";
import { KvmNode } from "../../components/node/kvm-node";
import { DefaultDeny } from "../../components/security/default-deny";
import { clusterArgs } from "../../stacks/cluster-args";
import { backup, recipients } from "./backup-samples";
import { calico, manifest } from "./calico-samples";
import { read } from "./environments";
import { archiveKey, operatorKey, publicKeyOf } from "./key-samples";
import { set } from "./refused";
import "./registered";

const whole = async (): Promise<ClusterArgs> => {
  const { settings, files } = await read("oslo", (config) => {
    for (const peer of config.network.calico.peers) peer.authenticated = false;
  });
  return structuredClone({ ...clusterArgs({ settings, files }), ssh: operatorKey });
};

test("a cluster that backs up to a directory needs no credentials of a store", async () => {
  const args = await whole();
  const backup = { to: { directory: "/mnt/backup" }, recipients: [recipients[0]] } as const;
  assert.doesNotThrow(() => refuseWrong("oslo", { ...args, backup }));
});

/** Argument of `Cluster`, a wrong value, what the error says. */
const wrong: readonly [path: string, value: unknown, message: RegExp][] = [
  ["nodes[0].name", "worker1-", /nodes\[0\]\.name \(worker1-\): is not a host name/],
  ["nodes[0].address", "10.20.0.1", /the address of cp1 is 10\.20\.0\.1, which is network\.gateway as well/],
  ["nodes[3].taints", [{ key: "a b", effect: "NoSchedule" }], /taints\[0\]\.key \(a b\): is not the key of a label/],
  ["hypervisors[0].hostKey", "ssh-ed25519 AAAA", /hypervisors\[0\]\.hostKey .* is not an ed25519 host key/],
  ["hypervisors[0].pool.path", "/etc", /pool\.path \(\/etc\): belongs to the system/],
  ["network.podCidr", "10.244.5.0/16", /network\.podCidr .* has bits set behind the prefix/],
  ["network.serviceCidr", "10.0.0.0/8", /network\.serviceCidr .* has a prefix of 8 bits/],
  ["calico.blockSize", 30, /calico\.blockSize \(30\): Too big/],
  ["calico.manifest", "kind: ConfigMap\n", /calico\.manifest: the Calico manifest has no ConfigMap/],
  ["kubernetes.endpoint.host", "API_Oslo", /kubernetes\.endpoint\.host \(API_Oslo\): is not a host name/],
  ["kubernetes.endpoint.address", "10.20.0.1", /the address of network\.gateway, where no API server answers/],
  ["kubernetes.version", "1.34.0", /Kubernetes 1\.34\.0 with Calico 3\.28\.5 was not seen working/],
  ["kubernetes.proxy.mode", "nftables", /kube-proxy mode nftables needs Calico 3\.31 or later, not 3\.28\.5/],
  ["kubernetes.sysctlProfiles", ["low-latency"], /none of low-latency sets net\.ipv4\.ip_forward/],
  [
    "backup",
    { to: { directory: "/mnt/backup" }, recipients: [recipients[0]], authorities: rootCertificates[0] },
    /backup\.authorities: backup\.to is a directory, .*; take it out/,
  ],
  ["backup", { ...backup(), authorities: "hello" }, /backup\.authorities .*holds no certificate in PEM/],
  ["supply.mirrors[0].registry", "../../etc", /supply\.mirrors\[0\]\.registry .* is not a registry/],
  ["supply.index.images", {}, /supply\.index: has no image registry\.k8s\.io/],
  ["supply.packages[0].suite", "a\nTrusted: yes", /packages\[0\]\.suite .* is not a suite/],
  ["defaultDeny[0].name", "kjerne-verify", /defaultDeny of kjerne-verify: .*the verification makes this namespace/],
  ["ssh.publicKey", operatorKey.privateKey, /ssh\.publicKey \(a private key\): holds a private key/],
];

for (const [path, value, message] of wrong) {
  test(`Cluster refuses ${path}: ${JSON.stringify(value).slice(0, 60)} before it makes anything`, async () => {
    const args = await whole();
    set(args, path, value);
    assert.throws(() => new Cluster("oslo", args), message);
  });
}

const api = { addresses: ["10.20.0.31"], port: 6443 };
const shop = (app: string) => ({ namespace: "shop", labels: { app } });
const allow = (from: string) => ({ from: shop(from), to: shop("db"), port: 5432 });

test("DefaultDeny refuses namespaces that are none or are listed twice, and policies that would be one", () => {
  const make = (change: object) => () => new DefaultDeny("deny", { namespaces: ["shop"], api, ...change });
  assert.throws(make({ namespaces: ["Shop"] }), /namespaces\[0\] \(Shop\): is not a namespace/);
  assert.throws(make({ namespaces: ["shop", "shop"] }), /shop is listed twice/);
  assert.throws(make({ allow: [allow("web.v1"), allow("web-v1")] }), /would both be the policy/);
  assert.throws(make({ allow: [allow("a b")] }), /labels\.app \(a b\): is not the value of a label/);
});

test("CalicoBgp refuses networks and routers that BIRD refuses, and shows no password", () => {
  const peer = { name: "tor1", address: "10.20.0.3", asNumber: 64500, password: "hemmelig" };
  const make = (change: object, peers = [peer]) =>
    new CalicoBgp("calico", { manifest, calico: { ...calico, ...change }, bgp: { asNumber: 64512 }, peers });
  assert.throws(() => make({ podCidr: "10.244.5.0/16" }), /calico\.podCidr .* has bits set behind the prefix/);
  assert.throws(() => make({}, [peer, { ...peer, name: "tor2" }]), /10\.20\.0\.3 is the address of two routers/);
  assert.throws(
    () => usable(peer)('hemme"lig'),
    (error: Error) => {
      assert.match(error.message, /the password of router tor1 has a double quote .*; choose another one/);
      assert.doesNotMatch(error.message, /hemme/);
      return true;
    },
  );
});

test("Hypervisor and KvmNode refuse what cannot work, all at once", () => {
  const source = { uri: "https://mirror.eksempel.no", suite: "bookworm", components: ["main"], publicKey: archiveKey };
  const right = {
    cluster: "oslo",
    address: "10.20.0.11",
    hostKey: publicKeyOf("hv1"),
    privateKey: "private",
    pool: { name: "kjerne", path: "/nvme", medium: "nvme" as const },
    bridge: "br0",
    virtualisation: "kvm" as const,
    asked: [],
    packages: [source],
  };
  const make = (change: object) => () => new Hypervisor("hv1", { ...right, ...change });
  assert.throws(
    make({ bridge: "br/0", pool: { ...right.pool, path: "/nvme/" } }),
    /needs 2 changes:[\s\S]*write \/nvme/,
  );
  assert.throws(make({ packages: [{ ...source, uri: "https://a:b@c.no" }] }), /\(https:\/\/…@c\.no\): has a user/);
  assert.throws(
    () =>
      new KvmNode("worker1-", {
        address: "10.20.0.255",
        prefixLength: 24,
        gateway: "10.21.0.1",
        cpus: 2,
        pinnedCpus: [1, 1],
        memoryMiB: 2048,
        rootGiB: 40,
        ssh: operatorKey,
        site: {},
      } as never),
    /needs 4 changes:\n.*worker1-[\s\S]*pinnedCpus\[1\][\s\S]*broadcast address[\s\S]*gateway is 10\.21\.0\.1, outside/,
  );
});
