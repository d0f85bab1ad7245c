import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import { CalicoBgp, type CalicoBgpArgs } from "../../components/network/calico-bgp";
import { KubeProxy } from "../../components/network/kube-proxy";
import { DefaultDeny } from "../../components/security/default-deny";
import * as samples from "./cluster-samples";
import { isSecret, node, registered, settled } from "./registered";

test("KubeProxy refuses a mode that the Kubernetes release lacks before any command runs", () => {
  const facts = { ...samples.facts, kubernetesVersion: "1.43.0" };
  const make = () => new KubeProxy("p", { facts, node: node(samples.cp1), proxy: samples.ipvs, after: [] });
  assert.throws(make, /p: kube-proxy mode ipvs was removed in Kubernetes 1\.43/);
});

const { podCidr, endpoint } = samples.facts;
const calico: CalicoBgpArgs = {
  manifest: readFileSync(join(__dirname, "fixtures/calico.yaml"), "utf8"),
  calico: {
    podCidr,
    blockSize: 26,
    autodetection: "interface=eth0",
    mtu: 1500,
    endpoint,
    proxyMode: "ipvs",
    pace: "bare-metal",
  },
  bgp: { asNumber: 64512 },
};
const router = { name: "router", address: "10.20.0.1", asNumber: 64500, password: "p4ss" };

test("CalicoBgp registers each object with its Kubernetes type, and the peer's password as a secret", async () => {
  const { ready } = new CalicoBgp("calico", { ...calico, peers: [router] });
  assert.ok(await pulumi.isSecret(ready), "it is derived from the password, which could be guessed from it");
  await settled();
  assert.deepEqual(
    registered
      .map(({ type }) => type)
      .filter((type) => type.startsWith("kubernetes:"))
      .sort(),
    [
      "kubernetes:apiextensions.k8s.io/v1:CustomResourceDefinition",
      "kubernetes:apps/v1:DaemonSet",
      "kubernetes:apps/v1:Deployment",
      "kubernetes:core/v1:ConfigMap",
      "kubernetes:core/v1:ConfigMap",
      "kubernetes:core/v1:Secret",
      "kubernetes:crd.projectcalico.org/v1:BGPConfiguration",
      "kubernetes:crd.projectcalico.org/v1:BGPFilter",
      "kubernetes:crd.projectcalico.org/v1:BGPPeer",
      "kubernetes:crd.projectcalico.org/v1:IPPool",
      "kubernetes:rbac.authorization.k8s.io/v1:Role",
      "kubernetes:rbac.authorization.k8s.io/v1:RoleBinding",
    ],
  );
  const data = registered.find(({ type }) => type === "kubernetes:core/v1:Secret")?.inputs.stringData;
  assert.ok(isSecret(data), "the password is not marked as a secret");
  const component = registered.find(({ type }) => type === "kjerne:network:CalicoBgp");
  assert.doesNotMatch(JSON.stringify(component), /p4ss/);
});

test("the sessions between nodes have a password of a Secret that calico-node may read, and it stands nowhere else", async () => {
  new CalicoBgp("mesh", { ...calico, bgp: { asNumber: 64512, meshPassword: "m3sh" } });
  await settled();
  const of = (name: string) => registered.find((resource) => resource.name === `mesh-${name}`)?.inputs;
  const reference = { name: "kjerne-bgp-node-mesh", key: "password" };
  const { nodeMeshPassword } = of("bgpconfiguration-default")?.spec as { nodeMeshPassword: object };
  assert.deepEqual(nodeMeshPassword, { secretKeyRef: reference });
  assert.ok(isSecret(of("secret-kjerne-bgp-node-mesh")?.stringData), "the password is not marked as a secret");
  const [rule] = of("role-kjerne-bgp-passwords")?.rules as { resourceNames: string[] }[];
  assert.deepEqual(rule?.resourceNames, [reference.name]);
  const component = registered.find(({ type, name }) => type === "kjerne:network:CalicoBgp" && name === "mesh");
  assert.doesNotMatch(JSON.stringify(component), /m3sh/);
});

test("CalicoBgp creates the ConfigMap with the API server's address before the DaemonSet calico-node", async () => {
  new CalicoBgp("calico", calico);
  await settled();
  const at = (name: string) => registered.findIndex((resource) => resource.name === `calico-${name}`);
  const found = at("configmap-kubernetes-services-endpoint");
  assert.deepEqual(registered[found]?.inputs.data, {
    KUBERNETES_SERVICE_HOST: endpoint.host,
    KUBERNETES_SERVICE_PORT: "6443",
  });
  assert.ok(found < at("daemonset-calico-node"));
});

test("a changed setting or password changes `ready` of CalicoBgp, so that the verification runs again", async () => {
  const readyOf = (args: CalicoBgpArgs) =>
    new Promise((resolve) => pulumi.unsecret(new CalicoBgp("calico", args).ready).apply(resolve));
  const before = await readyOf({ ...calico, peers: [router] });
  assert.equal(await readyOf({ ...calico, peers: [router] }), before);
  assert.notEqual(await readyOf({ ...calico, bgp: { asNumber: 64513 }, peers: [router] }), before);
  assert.notEqual(await readyOf({ ...calico, peers: [{ ...router, password: "other" }] }), before);
});

test("DefaultDeny creates the policies that allow before the policies that deny", async () => {
  const pods = (app: string) => ({ namespace: "production", labels: { app } });
  new DefaultDeny("deny", {
    namespaces: ["production"],
    allow: [{ from: pods("frontend"), to: pods("backend"), port: 8080 }],
    api: { addresses: ["10.20.0.11"], port: 6443 },
  });
  await settled();
  const policies = registered.filter(({ type }) => type.endsWith(":NetworkPolicy")).map(({ name }) => name);
  assert.equal(policies.length, 5);
  assert.equal(policies.at(-1), "deny-production-networkpolicy-default-deny-all");
});

test("DefaultDeny refuses kube-system, which the cluster itself needs", () => {
  const make = () => new DefaultDeny("d", { namespaces: ["kube-system"], api: { addresses: [], port: 6443 } });
  assert.throws(make, /namespaces\[0\] \(kube-system\): the cluster itself runs there and would be cut off/);
});
