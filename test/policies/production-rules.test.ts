import assert from "node:assert/strict";
import { test } from "node:test";
import { packs } from "../../policies/all";
import { judge } from "../../policies/judge";
import { isViolation } from "../../policies/rule";
import { asResources } from "./described";
import { object, policy, workload } from "./objects";
import type { Described } from "./programs/resources";
import { inDays, inOslo } from "./residency-programs";

/** What a careful team runs beside its own pods: Prometheus, node exporter, an ingress controller, cert-manager. */
const image = (name: string) => `mirror.eksempel.no/${name}@sha256:${"0".repeat(64)}`;
const pod = (name: string, more: object = {}) => ({ containers: [{ name, image: image(name), ...more }] });
const space = (name: string): Described[] => [
  object("core/v1:Namespace", name, {
    metadata: { name, labels: { "pod-security.kubernetes.io/enforce": "baseline" } },
  }),
  policy(`deny-${name}`, name, { podSelector: {}, policyTypes: ["Ingress", "Egress"] }),
];
const rbac = "rbac.authorization.k8s.io/v1";
const role = (name: string, rules: object[]): Described[] => [
  object(`${rbac}:ClusterRole`, name, { rules }),
  object(`${rbac}:ClusterRoleBinding`, name, {
    roleRef: { name },
    subjects: [{ kind: "ServiceAccount", name, namespace: name }],
  }),
];

const production: readonly Described[] = [
  ...["monitoring", "ingress", "cert-manager", "production"].flatMap(space),
  workload("shop", "production", pod("shop", { env: [{ name: "DB_HOST", value: "db" }] })),
  workload(
    "prometheus",
    "monitoring",
    pod("prometheus", { args: ["--web.external-url=http://prometheus.monitoring.svc"] }),
  ),
  workload(
    "node-exporter",
    "monitoring",
    { ...pod("node-exporter"), hostNetwork: true, hostPID: true, volumes: [{ name: "root", hostPath: { path: "/" } }] },
    "DaemonSet",
  ),
  ...role("prometheus", [
    { apiGroups: [""], resources: ["nodes/metrics", "services", "endpoints", "pods"], verbs: ["get", "list", "watch"] },
    { nonResourceURLs: ["/metrics"], verbs: ["get"] },
  ]),
  object(
    "monitoring.coreos.com/v1:ServiceMonitor",
    "shop",
    { spec: { endpoints: [{ port: "metrics" }] } },
    "monitoring",
  ),
  object("monitoring.coreos.com/v1:PrometheusRule", "shop", { spec: { groups: [] } }, "monitoring"),
  workload("controller", "ingress", pod("ingress-nginx")),
  object("networking.k8s.io/v1:IngressClass", "nginx", { spec: { controller: "k8s.io/ingress-nginx" } }),
  object(
    "core/v1:Service",
    "edge",
    { spec: { type: "LoadBalancer", allocateLoadBalancerNodePorts: false } },
    "ingress",
  ),
  object("networking.k8s.io/v1:Ingress", "shop", { spec: { rules: [{ host: "shop.eksempel.no" }] } }, "production"),
  workload("cert-manager", "cert-manager", pod("cert-manager")),
  ...role("cert-manager", [
    { apiGroups: ["cert-manager.io"], resources: ["certificates"], verbs: ["get", "list", "watch", "update"] },
    { apiGroups: [""], resources: ["secrets"], verbs: ["get", "list", "watch", "create", "update", "delete"] },
  ]),
  object("admissionregistration.k8s.io/v1:ValidatingWebhookConfiguration", "cert-manager", {
    webhooks: [{ clientConfig: { service: { name: "webhook", namespace: "cert-manager" } } }],
  }),
  object("cert-manager.io/v1:Certificate", "shop", { spec: { dnsNames: ["shop.eksempel.no"] } }, "production"),
];

/** What careful people would write an exception for, or name in a pack's parameters: the node exporter sees its node. */
const excepted = ["NET-06 monitoring-node-exporter", "SEC-10 cert-manager", "SEC-11 monitoring-node-exporter"];

test("a good production program with monitoring, ingress and certificates needs three exceptions", () => {
  const resources = asResources([...inOslo, ...production]);
  const found = ["hardening", "network", "residency"].flatMap((pack) => {
    const { rules, parameters } = packs[pack] ?? assert.fail(pack);
    return rules.flatMap((rule) =>
      judge(rule, resources, { ...parameters.parse({}), today: inDays(0) })
        .filter(isViolation)
        .filter(({ urn }) => production.some(({ name }) => urn.endsWith(`::${name}`)))
        .filter(({ urn }) => !inOslo.some(({ type, name }) => urn.endsWith(`::${type}::${name}`)))
        .map(({ urn }) => `${rule.id} ${urn.split("::").at(-1)}`),
    );
  });
  assert.deepEqual([...new Set(found)].sort(), excepted);
});
