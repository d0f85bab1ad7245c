import assert from "node:assert/strict";
import { test } from "node:test";
import { rules } from "../../policies/network/rules";
import { isViolation } from "../../policies/rule";
import { find, states } from "./described";
import { defaults, ruleOf } from "./network-rules";
import { container, service, workload } from "./objects";
import { unknownValue } from "./packs";
import type { Described } from "./programs/resources";

const services: readonly [what: string, resource: Described, state: string][] = [
  ["ClusterIP", service("s", { type: "ClusterIP" }), "shown"],
  ["ExternalName", service("s", { type: "ExternalName" }), "shown"],
  [
    "LoadBalancer without node ports",
    service("s", { type: "LoadBalancer", allocateLoadBalancerNodePorts: false }),
    "shown",
  ],
  ["external IPs that are not known", service("s", { externalIPs: unknownValue }), "unverifiable"],
  ["a type that is not known", service("s", { type: unknownValue }), "unverifiable"],
];
for (const [what, resource, state] of services) {
  test(`a Service with ${what}: ${state}`, () => {
    const found = states(find(ruleOf("exposed-services"), [resource], defaults));
    assert.ok(found.includes(state as never) && (state !== "shown" || found.length === 1), found.join());
  });
}

test("a LoadBalancer without node ports still may not take addresses", () => {
  const both = service("s", { type: "LoadBalancer", allocateLoadBalancerNodePorts: false, externalIPs: ["10.9.9.9"] });
  assert.ok(find(ruleOf("exposed-services"), [both], defaults).some(isViolation));
});

test("a Service of the list may open node ports", () => {
  const listed = {
    ...defaults,
    nodeNetwork: [{ namespace: "shop", kind: "Service", name: "service-s", why: "It is the way in." }],
  };
  const open = service("s", { type: "LoadBalancer", externalIPs: ["10.9.9.9"] });
  assert.deepEqual(states(find(ruleOf("exposed-services"), [open], listed)), ["shown"]);
});

test("a host port of the list passes; 0 is none", () => {
  const port = (hostPort: number) => container({ ports: [{ hostPort }] });
  const rule = ruleOf("node-network");
  assert.deepEqual(states(find(rule, [workload("kube-proxy", "kube-system", port(80), "DaemonSet")], defaults)), [
    "shown",
  ]);
  assert.deepEqual(states(find(rule, [workload("shop", "shop", port(0))], defaults)), ["shown"]);
});

test("a list of objects, a patch and Calico's internal group are what they hold", () => {
  const list = {
    type: "kubernetes:core/v1:ServiceList",
    name: "list",
    properties: { items: [{ spec: { type: "NodePort" } }] },
  };
  const patch = { ...service("x", { type: "NodePort" }), type: "kubernetes:core/v1:ServicePatch" };
  const rule = rules.find(({ name }) => name === "exposed-services") as (typeof rules)[number];
  for (const resource of [list, patch]) {
    const [finding] = find(rule, [resource], defaults);
    assert.equal(finding?.state, "violated", resource.type);
  }
  assert.equal(find(rule, [list], defaults)[0]?.field, "items[0].spec.type");
});

test("what makes the pod network is on the list from the start", () => {
  const makers = [
    ["kube-system", "DaemonSet", "calico-node"],
    ["kube-system", "DaemonSet", "kube-proxy"],
    ["calico-system", "DaemonSet", "calico-node"],
    ["calico-system", "Deployment", "calico-typha"],
    ["tigera-operator", "Deployment", "tigera-operator"],
  ] as const;
  for (const [namespace, kind, name] of makers) {
    const maker = workload(name, namespace, { hostNetwork: true }, kind);
    assert.deepEqual(states(find(ruleOf("node-network"), [maker], defaults)), ["shown"], `${namespace} ${name}`);
  }
});

test("a workload of the list may use the node's network, and no other of its name", () => {
  const rule = rules.find(({ name }) => name === "node-network") as (typeof rules)[number];
  const at = (namespace: string, kind: string) => workload("calico-node", namespace, { hostNetwork: true }, kind);
  assert.deepEqual(states(find(rule, [at("kube-system", "DaemonSet")], defaults)), ["shown"]);
  assert.deepEqual(states(find(rule, [at("shop", "DaemonSet")], defaults)), ["violated"]);
  assert.deepEqual(states(find(rule, [at("kube-system", "Deployment")], defaults)), ["violated"]);
});
