import assert from "node:assert/strict";
import { test } from "node:test";
import { parameters } from "../../policies/hardening/parameters";
import { podSecurity, privilegedPods } from "../../policies/hardening/pods";
import { wideRoles } from "../../policies/hardening/rbac";
import { isViolation } from "../../policies/rule";
import { find, states } from "./described";
import { fileOf } from "./hardening-files";
import { command } from "./hardening-programs";
import { defaults } from "./hardening-rules";
import { container, object, workload } from "./objects";
import { unknownValue } from "./packs";

const namespace = (name: string, labels?: unknown) => ({
  ...{ type: "kubernetes:core/v1:Namespace", name },
  properties: { metadata: { name, ...(labels === undefined ? {} : { labels }) } },
});
const level = (enforce: unknown) => ({ "pod-security.kubernetes.io/enforce": enforce });
const labels: readonly [what: string, labels: unknown, state: string][] = [
  ["baseline", level("baseline"), "shown"],
  ["restricted, beside another label that is not known", { team: unknownValue, ...level("restricted") }, "shown"],
  ["privileged", level("privileged"), "violated"],
  ["another label", { team: "a" }, "violated"],
  ["no labels", undefined, "violated"],
  ["labels that are not known", unknownValue, "unverifiable"],
  ["a level that is not known", level(unknownValue), "unverifiable"],
];
for (const [what, given, state] of labels) {
  test(`a namespace with ${what}: ${state}`, () => {
    assert.deepEqual(states(find(podSecurity, [namespace("shop", given)], defaults)), [state]);
  });
}

const admission = (plugins: unknown) => command("admission", { stdin: fileOf("AdmissionConfiguration", { plugins }) });
const podSecurityPlugin = (enforce: string) => ({ name: "PodSecurity", configuration: { defaults: { enforce } } });
const other = { name: "EventRateLimit", configuration: { defaults: { enforce: "privileged" } } };
const plugins: readonly [what: string, plugins: unknown, state: string][] = [
  ["baseline", [podSecurityPlugin("baseline")], "shown"],
  ["baseline behind another plugin", [other, podSecurityPlugin("baseline")], "shown"],
  ["privileged", [podSecurityPlugin("privileged")], "violated"],
  ["other plugins only", [other], "violated"],
  ["plugins that are no list", "none", "unverifiable"],
];
for (const [what, given, state] of plugins) {
  test(`a namespace without a label in a cluster that enforces ${what}: ${state}`, () => {
    assert.deepEqual(states(find(podSecurity, [namespace("shop"), admission(given)], defaults)), [state]);
    assert.deepEqual(states(find(podSecurity, [namespace("shop", level("baseline")), admission(given)], defaults)), [
      "shown",
    ]);
  });
}

test("a level that is none can't be allowed", () => {
  const allowed = (level: string) => parameters.safeParse({ podSecurityLevels: [level] }).success;
  assert.deepEqual(["baseline", "restricted", "privileged"].map(allowed), [true, true, false]);
});

test("the system's namespaces may hold pods that own the node", () => {
  for (const name of ["kube-system", "kube-public", "kube-node-lease", "calico-system", "tigera-operator"]) {
    assert.deepEqual(find(podSecurity, [namespace(name)], defaults), [], name);
    assert.deepEqual(find(privilegedPods, [workload("w", name, { hostPID: true })], defaults), [], name);
  }
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
  test(`a pod with ${field} has a way to the node`, () => {
    const found = find(privilegedPods, [workload("w", "shop", { ...container(), ...spec })], defaults);
    const [wrong, ...others] = found.filter(isViolation);
    assert.deepEqual([wrong?.field, others], [`spec.template.spec.${field}`, []]);
    assert.notEqual(wrong?.read, "an object"); // It says nothing to a reader.
  });
}

test("what is the default may be said", () => {
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
  [role("everywhere", { nonResourceURLs: ["*"] }), ["violated"]],
  [role("under", { verbs: ["get"], resources: ["*/*"] }), ["shown", "violated"]],
  [role("cluster-admin", { verbs: ["*"], resources: ["*"] }), []],
  [binding("everyone", "cluster-admin"), ["violated"]],
  [binding("readers", "view"), ["shown"]],
  [binding("kubeadm:cluster-admins", "cluster-admin"), []],
] as const;
for (const [resource, expected] of rights) {
  test(`${resource.type.split(":").at(-1)} ${resource.name}: ${expected.at(-1) ?? "on the list"}`, () => {
    assert.deepEqual(states(find(wideRoles, [resource], defaults)), expected);
  });
}
