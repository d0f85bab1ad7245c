import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, test } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import type { ClusterNode } from "../../components/cluster/cluster-node";
import { ControlPlane } from "../../components/cluster/control-plane";
import { Workers } from "../../components/cluster/workers";
import { CalicoBgp } from "../../components/network/calico-bgp";
import { KubeProxy } from "../../components/network/kube-proxy";
import { DefaultDeny } from "../../components/security/default-deny";
import * as samples from "./cluster-samples";

const secretMark = "4dabf18193072939515e22adb298388d";
const answer = JSON.stringify({ kubeconfig: "clusters: [{cluster: {server: x}}]\n", caHash: "sha256:0" });
let registered: { name: string; type: string; inputs: Record<string, unknown> }[] = [];

pulumi.runtime.setMocks({
  newResource: async ({ name, type, inputs }) => {
    // Slow to appear, so that whatever doesn't wait for them overtakes them.
    if (name.includes("-allow-") || name === "cp2-join") await turns(50);
    registered.push({ name, type, inputs });
    const state =
      type === "command:remote:Command" ? { ...inputs, stdout: answer } : { ...inputs, result: "r".repeat(32) };
    return { id: `${name}-id`, state };
  },
  call: () => ({}),
});
beforeEach(() => {
  registered = [];
});

const node = (facts: typeof samples.cp1): ClusterNode => ({
  ...facts,
  connection: { host: facts.address, hostKey: "ssh-ed25519 x" },
  instanceId: pulumi.output(`${facts.name}-1`),
});
const commands = () => registered.filter(({ type }) => type === "command:remote:Command");
const isSecret = (value: unknown) => typeof value === "object" && value !== null && secretMark in value;

/** Until nothing more is registered. */
async function settled(): Promise<void> {
  for (let before = -1; before !== registered.length; ) {
    before = registered.length;
    await turns(300);
  }
}

async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise(setImmediate);
}

test("tokens, keys and the kubeconfig are secrets, and stand in no command line", async () => {
  const [cp1, worker1] = [node(samples.cp1), node(samples.worker1)];
  const controlPlane = new ControlPlane("lab", {
    facts: samples.facts,
    nodes: [cp1],
    declared: [samples.cp1, samples.worker1],
    after: [],
  });
  new Workers("workers", { facts: samples.facts, controlPlane, through: cp1, nodes: [worker1], after: [] });
  assert.equal(await pulumi.isSecret(controlPlane.kubeconfig), true);
  await settled();

  const secretInput = (name: string) => isSecret(commands().find((command) => command.name === name)?.inputs.stdin);
  assert.deepEqual(
    ["cp1-encryption", "workers-join-admit", "worker1-join", "cp1-control-plane"].map((name) => [
      name,
      secretInput(name),
    ]),
    [
      ["cp1-encryption", true],
      ["workers-join-admit", true],
      ["worker1-join", true],
      ["cp1-control-plane", false],
    ],
  );
  for (const { name, inputs } of commands()) {
    assert.doesNotMatch(JSON.stringify([inputs.create, inputs.update]), /rrrr/, `${name} has a secret in its command`);
  }
});

test("the operator's kubeconfig leads to the address, which is known outside the nodes", async () => {
  const controlPlane = new ControlPlane("a", {
    facts: samples.facts,
    nodes: [node(samples.cp1)],
    declared: [],
    after: [],
  });
  const text = await new Promise<string>((resolve) => pulumi.unsecret(controlPlane.kubeconfig).apply(resolve));
  assert.match(text, /https:\/\/10\.20\.0\.11:6443/);
});

test("further control planes bring the key to the certificates, one after the other", async () => {
  const [cp2, cp3] = ["2", "3"].map((n) => node({ name: `cp${n}`, address: `10.20.0.1${n}` })) as [
    ClusterNode,
    ClusterNode,
  ];
  new ControlPlane("ha", { facts: samples.facts, nodes: [node(samples.cp1), cp2, cp3], declared: [], after: [] });
  await settled();
  const joins = commands().filter(({ name }) => /^cp[23]-join$/.test(name));
  assert.deepEqual(
    joins.map(({ name }) => name),
    ["cp2-join", "cp3-join"],
  );
  for (const { inputs } of joins) {
    assert.match((inputs.stdin as { value: string }).value, /^ {2}certificateKey: [0-9a-f]{64}$/m);
  }
});

test("alone, the first control plane still sees to it that others leave, and stays itself", async () => {
  new ControlPlane("alone", { facts: samples.facts, nodes: [node(samples.cp1)], declared: [], after: [] });
  await settled();
  const admission = commands().find(({ name }) => name === "alone-join-admit")?.inputs.stdin as { value: string };
  const { group, through, nodes, certificates } = JSON.parse(admission.value.slice(admission.value.lastIndexOf("\n{")));
  assert.deepEqual(
    { group, through, nodes, certificates },
    { group: "alone-join", through: "cp1", nodes: [], certificates: "" },
  );
});

test("kube-proxy: a mode that the release doesn't have is refused before anything runs", () => {
  const facts = { ...samples.facts, kubernetesVersion: "1.43.0" };
  const make = () => new KubeProxy("p", { facts, node: node(samples.cp1), proxy: samples.ipvs, after: [] });
  assert.throws(make, /p: kube-proxy mode ipvs was removed in Kubernetes 1\.43/);
});

test("Calico: every object under its own type, the peer's password a secret", async () => {
  const manifest = readFileSync(join(__dirname, "fixtures/calico.yaml"), "utf8");
  const { podCidr } = samples.facts;
  new CalicoBgp("calico", {
    manifest,
    calico: {
      podCidr,
      blockSize: 26,
      autodetection: "interface=eth0",
      mtu: 1500,
      proxyMode: "ipvs",
      pace: "bare-metal",
    },
    bgp: { asNumber: 64512 },
    peers: [{ name: "router", address: "10.20.0.1", asNumber: 64500, password: "p4ss" }],
  });
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

test("Calico: where the API server is found is there before the nodes that ask", async () => {
  const { podCidr, endpoint } = samples.facts;
  const calico = { podCidr, blockSize: 26, autodetection: "interface=eth0", mtu: 1500, endpoint } as const;
  new CalicoBgp("calico", {
    manifest: readFileSync(join(__dirname, "fixtures/calico.yaml"), "utf8"),
    calico: { ...calico, proxyMode: "ipvs", pace: "bare-metal" },
    bgp: { asNumber: 64512 },
  });
  await settled();
  const at = (name: string) => registered.findIndex((resource) => resource.name === `calico-${name}`);
  const found = at("configmap-kubernetes-services-endpoint");
  assert.deepEqual(registered[found]?.inputs.data, {
    KUBERNETES_SERVICE_HOST: endpoint.host,
    KUBERNETES_SERVICE_PORT: "6443",
  });
  assert.ok(found < at("daemonset-calico-node"));
});

test("default deny: what is allowed is there before what is denied", async () => {
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

test("default deny spares what the cluster lives on", () => {
  const make = () => new DefaultDeny("d", { namespaces: ["kube-system"], api: { addresses: [], port: 6443 } });
  assert.throws(make, /default deny in kube-system would cut off the cluster itself/);
});

test("what a policy must know before there are machines is said plainly, without the key", async () => {
  new ControlPlane("early", { facts: samples.facts, nodes: [node(samples.cp1)], declared: [], after: ["1"] });
  await settled();
  const inputsOf = (type: string, name: string) =>
    registered.find((resource) => resource.type === type && resource.name === name)?.inputs;
  assert.deepEqual(inputsOf("kjerne:cluster:ControlPlane", "early")?.encryptionAtRest, [
    { resources: ["secrets", "configmaps"], providers: [{ secretbox: {} }, { identity: {} }] },
  ]);
  const line = inputsOf("kjerne:node:NodeScript", "cp1-init")?.commandLine as string;
  const [command] = commands().filter(({ name }) => name === "cp1-init");
  assert.match(String(command?.inputs.create), /^.* # after [0-9a-f]{64}$/);
  assert.ok(String(command?.inputs.create).startsWith(`${line} # after `));
});
