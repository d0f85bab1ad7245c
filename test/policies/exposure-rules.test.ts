import assert from "node:assert/strict";
import { test } from "node:test";
import { rules } from "../../policies/network/rules";
import { isViolation } from "../../policies/rule";
import { find, outcome, states, unknownValue } from "./described";
import { defaults, ruleOf } from "./network-rules";
import { container, service, workload } from "./objects";
import type { Described } from "./programs/resources";

const services: readonly [what: string, resource: Described, state: string][] = [
  ["of type ClusterIP", service("s", { type: "ClusterIP" }), "shown"],
  ["of type ExternalName", service("s", { type: "ExternalName" }), "shown"],
  [
    "of type LoadBalancer without node ports",
    service("s", { type: "LoadBalancer", allocateLoadBalancerNodePorts: false }),
    "shown",
  ],
  ["with unknown externalIPs", service("s", { externalIPs: unknownValue }), "unverifiable"],
  ["of unknown type", service("s", { type: unknownValue }), "unverifiable"],
];
for (const [what, resource, state] of services) {
  test(`a Service ${what} ${outcome("NET-07", state)}`, () => {
    const found = states(find(ruleOf("exposed-services"), [resource], defaults));
    assert.ok(found.includes(state as never) && (state !== "shown" || found.length === 1), found.join());
  });
}

test("a LoadBalancer Service with externalIPs violates NET-07 even without node ports", () => {
  const both = service("s", { type: "LoadBalancer", allocateLoadBalancerNodePorts: false, externalIPs: ["10.9.9.9"] });
  assert.ok(find(ruleOf("exposed-services"), [both], defaults).some(isViolation));
});

test("a Service that the parameter nodeNetwork lists meets NET-07 with node ports and externalIPs", () => {
  const listed = {
    ...defaults,
    nodeNetwork: [{ namespace: "shop", kind: "Service", name: "service-s", why: "It is the way in." }],
  };
  const open = service("s", { type: "LoadBalancer", externalIPs: ["10.9.9.9"] });
  assert.deepEqual(states(find(ruleOf("exposed-services"), [open], listed)), ["shown"]);
});

test("a host port meets NET-06 if it is 0 or the parameter nodeNetwork lists the workload", () => {
  const port = (hostPort: number) => container({ ports: [{ hostPort }] });
  const rule = ruleOf("node-network");
  assert.deepEqual(states(find(rule, [workload("kube-proxy", "kube-system", port(80), "DaemonSet")], defaults)), [
    "shown",
  ]);
  assert.deepEqual(states(find(rule, [workload("shop", "shop", port(0))], defaults)), ["shown"]);
});

test("a NodePort in a ServiceList or a ServicePatch violates NET-07", () => {
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

test("workloads that make the pod network meet NET-06 by default", () => {
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

test("a listed workload may use the node's network, and one of another namespace or kind may not", () => {
  const rule = rules.find(({ name }) => name === "node-network") as (typeof rules)[number];
  const at = (namespace: string, kind: string) => workload("calico-node", namespace, { hostNetwork: true }, kind);
  assert.deepEqual(states(find(rule, [at("kube-system", "DaemonSet")], defaults)), ["shown"]);
  assert.deepEqual(states(find(rule, [at("shop", "DaemonSet")], defaults)), ["violated"]);
  assert.deepEqual(states(find(rule, [at("kube-system", "Deployment")], defaults)), ["violated"]);
});
