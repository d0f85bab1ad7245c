import assert from "node:assert/strict";
import { test } from "node:test";
import { judge } from "../../policies/judge";
import { declaredClusters } from "../../policies/residency/clusters";
import { declaredMachines } from "../../policies/residency/machines";
import type { Resource } from "../../policies/rule";
import { asResources, states, unknownValue } from "./described";
import type { Described } from "./programs/resources";
import { defaults } from "./residency-complaints";
import { kubeconfigOf } from "./residency-programs";

const node: Described = {
  type: "kjerne:node:KvmNode",
  name: "cp1",
  properties: { address: "10.20.0.31", site: { country: "NO" } },
};
const script: Described = { type: "kjerne:node:NodeScript", name: "script", properties: {}, parent: "cp1" };
const key: Described = {
  ...{ type: "command:remote:Command", name: "key", parent: "script" },
  properties: { connection: { host: "10.20.0.11" } },
};

function command(host: string, parent?: string): Described {
  return { type: "command:remote:Command", name: "send", properties: { connection: { host } }, parent };
}
const later = (parent?: string): Described => ({ ...command("", parent), properties: { connection: unknownValue } });

/** The resources of a program, of which the last has a property that is made from another one. */
function withSource(program: readonly Described[], property: string, source: string): Resource[] {
  const resources = asResources(program);
  const from = resources.find(({ name }) => name === source)?.urn ?? assert.fail(source);
  return resources.map((one, i) => (i < resources.length - 1 ? one : { ...one, madeFrom: { [property]: [from] } }));
}

/** What RES-02 finds about the resource `send`. */
const found = (resources: readonly Resource[]) =>
  states(judge(declaredMachines, resources, defaults).filter(({ urn }) => urn.endsWith("::send")));

test("RES-02: a connection that is not known yet passes where it is part of a declared machine", () => {
  assert.deepEqual(found(asResources([node, script, later("script")])), []);
  assert.deepEqual(found(withSource([node, script, key, later()], "connection", "key")), []);
});

test("RES-02: a connection that is not known yet is unverifiable elsewhere, whatever the component is called", () => {
  const named: Described = { type: "kjerne:node:Mine", name: "mine", properties: {} };
  const elsewhere: Described = { ...key, name: "other", parent: undefined };
  for (const resources of [
    asResources([node, named, later("mine")]),
    asResources([{ ...node, properties: { site: {} } }, script, later("script")]),
    withSource([node, elsewhere, later()], "connection", "other"),
  ])
    assert.deepEqual(found(resources), ["unverifiable"]);
});

test("RES-02: a look for drift goes to declared machines and hypervisors alone", () => {
  const look = (properties: object): Described => ({
    ...{ type: "kjerne-drift:index:MachineState", name: "send" },
    properties: { connection: { host: "10.20.0.31" }, ...properties },
  });
  const through = (host: string) => look({ host: { connection: { host }, directory: "/pool/cp1" } });
  assert.deepEqual(found(asResources([node, look({})])), ["shown"]);
  assert.deepEqual(found(asResources([node, through("10.20.0.31")])), ["shown"]);
  assert.deepEqual(found(asResources([node, through("203.0.113.9")])), ["shown", "violated"]);
  assert.deepEqual(found(asResources([node, look({ connection: { host: "203.0.113.9" } })])), ["violated"]);
});

test("RES-02: kjerne's own scripts and files go to declared machines alone", () => {
  for (const kind of ["NodeScript", "NodeFiles"]) {
    const sent = (host: string): Described => ({ ...command(host), type: `kjerne-drift:index:${kind}` });
    assert.deepEqual(found(asResources([node, sent("10.20.0.31")])), ["shown"], kind);
    assert.deepEqual(found(asResources([node, sent("203.0.113.9")])), ["violated"], kind);
  }
  const local = { type: "kjerne-drift:index:LocalProgram", name: "send", properties: { program: "verify/main" } };
  assert.deepEqual(found(asResources([node, local])), [], "which runs here");
});

const provider = (properties: object): Described => ({
  ...{ type: "pulumi:providers:kubernetes", name: "cluster" },
  properties: { ...properties },
});
const controlPlane: Described = {
  ...{ type: "kjerne:cluster:ControlPlane", name: "cp" },
  properties: { endpoint: { host: "api.oslo.eksempel.no", address: "10.20.0.30" } },
};
const eks = "ABC.gr7.us-east-1.eks.amazonaws.com";
const both = JSON.stringify({
  clusters: [
    { name: "home", cluster: { server: "https://10.20.0.31" } },
    { name: "away", cluster: { server: `https://${eks}` } },
  ],
  contexts: [
    { name: "home", context: { cluster: "home" } },
    { name: "away", context: { cluster: "away" } },
  ],
});

const providers: readonly (readonly [what: string, properties: object, expected: string[]])[] = [
  ["a declared machine", { kubeconfig: kubeconfigOf("10.20.0.31") }, ["shown"]],
  ["the address of a declared control plane", { kubeconfig: kubeconfigOf("10.20.0.30") }, ["shown"]],
  ["the name of a declared control plane", { kubeconfig: kubeconfigOf("api.oslo.eksempel.no") }, ["shown"]],
  ["a cluster in the US", { kubeconfig: kubeconfigOf(eks) }, ["violated"]],
  ["a context at home, of two", { kubeconfig: both, context: "home" }, ["shown"]],
  ["a context abroad, of two", { kubeconfig: both, context: "away" }, ["violated"]],
  ["a cluster that the provider names itself", { kubeconfig: both, context: "home", cluster: "away" }, ["violated"]],
  ["no context, where one of two clusters is abroad", { kubeconfig: both }, ["shown", "violated"]],
  ["no kubeconfig", {}, ["unverifiable"]],
  ["the path of a kubeconfig", { kubeconfig: "~/.kube/config" }, ["unverifiable"]],
  ["a text that is no kubeconfig", { kubeconfig: "{" }, ["unverifiable"]],
  ["an unknown kubeconfig", { kubeconfig: unknownValue }, ["unverifiable"]],
  ["files only", { renderYamlToDirectory: "out" }, ["shown"]],
  [
    "a declared machine through a proxy abroad",
    { kubeconfig: kubeconfigOf("10.20.0.31", { cluster: { "proxy-url": "https://proxy.example.com" } }) },
    ["shown", "violated"],
  ],
  [
    "a declared machine with credentials from a program",
    { kubeconfig: kubeconfigOf("10.20.0.31", { user: { exec: { command: "aws" } } }) },
    ["shown", "unverifiable"],
  ],
];

for (const [what, properties, expected] of providers) {
  test(`RES-40: a provider with ${what} is ${expected.join(" and ")}`, () => {
    const program = [node, controlPlane, provider(properties)];
    assert.deepEqual(states(judge(declaredClusters, asResources(program), defaults)), expected);
  });
}

test("RES-40: an unknown kubeconfig passes if a command on a declared machine makes it", () => {
  const unknownConfig = provider({ kubeconfig: unknownValue });
  const judged = (program: readonly Described[], source: string) =>
    states(judge(declaredClusters, withSource([...program, unknownConfig], "kubeconfig", source), defaults));
  assert.deepEqual(judged([node, script, { ...later("script"), name: "init" }], "init"), []);
  assert.deepEqual(judged([node, { ...command("10.20.0.31"), name: "init" }], "init"), []);
  const own = { ...command("10.20.0.31"), type: "kjerne-drift:index:NodeScript", name: "init" };
  assert.deepEqual(judged([node, own], "init"), []);
  assert.deepEqual(judged([node, { ...command("203.0.113.9"), name: "init" }], "init"), ["unverifiable"]);
  assert.deepEqual(judged([node, { type: "acme:cloud:Cluster", name: "eks", properties: {} }], "eks"), [
    "unverifiable",
  ]);
});
