import assert from "node:assert/strict";
import { test } from "node:test";
import { parameters } from "../../policies/hardening/parameters";
import { podSecurity, privilegedPods } from "../../policies/hardening/pods";
import { wideRoles } from "../../policies/hardening/rbac";
import { isViolation } from "../../policies/rule";
import { find, outcome, states, unknownValue } from "./described";
import { fileOf } from "./hardening-files";
import { command } from "./hardening-programs";
import { defaults } from "./hardening-rules";
import { container, object, workload } from "./objects";

const namespace = (name: string, labels?: unknown) => ({
  ...{ type: "kubernetes:core/v1:Namespace", name },
  properties: { metadata: { name, ...(labels === undefined ? {} : { labels }) } },
});
const level = (enforce: unknown) => ({ "pod-security.kubernetes.io/enforce": enforce });
const labels: readonly [what: string, labels: unknown, state: string][] = [
  ["that enforces baseline", level("baseline"), "shown"],
  ["that enforces restricted and has another, unknown label", { team: unknownValue, ...level("restricted") }, "shown"],
  ["that enforces privileged", level("privileged"), "violated"],
  ["that has another label only", { team: "a" }, "violated"],
  ["without labels", undefined, "violated"],
  ["whose labels are unknown", unknownValue, "unverifiable"],
  ["whose level is unknown", level(unknownValue), "unverifiable"],
];
for (const [what, given, state] of labels) {
  test(`a namespace ${what} ${outcome("SEC-09", state)}`, () => {
    assert.deepEqual(states(find(podSecurity, [namespace("shop", given)], defaults)), [state]);
  });
}

const admission = (plugins: unknown) => command("admission", { stdin: fileOf("AdmissionConfiguration", { plugins }) });
const podSecurityPlugin = (enforce: string) => ({ name: "PodSecurity", configuration: { defaults: { enforce } } });
const other = { name: "EventRateLimit", configuration: { defaults: { enforce: "privileged" } } };
const plugins: readonly [what: string, plugins: unknown, state: string][] = [
  ["enforces baseline", [podSecurityPlugin("baseline")], "shown"],
  ["enforces baseline in its second plugin", [other, podSecurityPlugin("baseline")], "shown"],
  ["enforces privileged", [podSecurityPlugin("privileged")], "violated"],
  ["has other plugins only", [other], "violated"],
  ["has plugins that are no list", "none", "unverifiable"],
];
for (const [what, given, state] of plugins) {
  test(`a namespace without a label ${outcome("SEC-09", state)} where the AdmissionConfiguration ${what}`, () => {
    assert.deepEqual(states(find(podSecurity, [namespace("shop"), admission(given)], defaults)), [state]);
    assert.deepEqual(states(find(podSecurity, [namespace("shop", level("baseline")), admission(given)], defaults)), [
      "shown",
    ]);
  });
}

test("the parameter podSecurityLevels refuses privileged", () => {
  const allowed = (level: string) => parameters.safeParse({ podSecurityLevels: [level] }).success;
  assert.deepEqual(["baseline", "restricted", "privileged"].map(allowed), [true, true, false]);
});

test("SEC-09 does not judge system namespaces, and SEC-11 in them no pod that its list names", () => {
  for (const name of ["kube-system", "kube-public", "kube-node-lease", "calico-system", "tigera-operator"])
    assert.deepEqual(find(podSecurity, [namespace(name)], defaults), [], name);
  const inKubeSystem = (name: string) =>
    states(find(privilegedPods, [workload(name, "kube-system", { hostPID: true }, "DaemonSet")], defaults));
  assert.deepEqual(inKubeSystem("calico-node"), []);
  assert.ok(inKubeSystem("miner").includes("violated"));
});

const hostProcess = { windowsOptions: { hostProcess: true } };
const unconfined = { seccompProfile: { type: "Unconfined" } };
const pods: readonly [field: string, spec: object][] = [
  ["hostIPC", { hostIPC: true }],
  ["hostPID", { hostPID: true }],
  ["securityContext.windowsOptions.hostProcess", { securityContext: hostProcess }],
  ["securityContext.seccompProfile.type", { securityContext: unconfined }],
  ["volumes[1].hostPath", { volumes: [{ emptyDir: {} }, { hostPath: { path: "/" } }] }],
  ["containers[0].securityContext.windowsOptions.hostProcess", container({ securityContext: hostProcess })],
  ["containers[0].securityContext.procMount", container({ securityContext: { procMount: "Unmasked" } })],
];
for (const [field, spec] of pods) {
  test(`a pod with ${field} violates SEC-11`, () => {
    const found = find(privilegedPods, [workload("w", "shop", { ...container(), ...spec })], defaults);
    const [wrong, ...others] = found.filter(isViolation);
    assert.deepEqual([wrong?.field, others], [`spec.template.spec.${field}`, []]);
    assert.notEqual(wrong?.read, "an object"); // That would tell a reader nothing.
  });
}

test("a pod that spells out safe defaults meets SEC-11", () => {
  const said = container({ securityContext: { procMount: "Default", privileged: false } });
  assert.deepEqual(states(find(privilegedPods, [workload("w", "shop", { ...said, hostPID: false })], defaults)), [
    "shown",
  ]);
});

const rbac = "rbac.authorization.k8s.io/v1";
const role = (name: string, rule: object) => object(`${rbac}:ClusterRole`, name, { rules: [rule] });
const binding = (name: string, to: string) => object(`${rbac}:ClusterRoleBinding`, name, { roleRef: { name: to } });
const rights = [
  [role("everything", { verbs: ["*"] }), ["violated"]],
  [role("all-paths", { nonResourceURLs: ["*"] }), ["violated"]],
  [role("all-subresources", { verbs: ["get"], resources: ["*/*"] }), ["shown", "violated"]],
  [role("cluster-admin", { verbs: ["*"], resources: ["*"] }), []],
  [binding("everyone", "cluster-admin"), ["violated"]],
  [binding("readers", "view"), ["shown"]],
  [role("healthy", { verbs: ["get"], nonResourceURLs: ["/healthz/*"] }), ["shown"]],
  [role("one-secret", { verbs: ["get"], resources: ["secrets"], resourceNames: ["tls"] }), ["shown"]],
] as const;
for (const [resource, expected] of rights) {
  test(`the ${resource.type.split(":").at(-1)} ${resource.name} ${outcome("SEC-10", expected.at(-1))}`, () => {
    assert.deepEqual(states(find(wideRoles, [resource], defaults)), expected);
  });
}
