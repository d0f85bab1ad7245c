import assert from "node:assert/strict";
import { test } from "node:test";
import { admissionOf } from "../../components/cluster/judged-objects";
import { withDefaults } from "../../components/cluster/with-defaults";
import { admissionPolicies, admissionRules } from "../../components/security/admission-policies";
import { clusterArgs } from "../../stacks/cluster-args";
import { type Config, read } from "./environments";

/** What a cluster of these settings applies, and by which arguments. */
async function appliedBy(change: (config: Config) => unknown) {
  const found = await read("oslo", (config) => {
    for (const peer of config.network.calico.peers) peer.authenticated = false;
    config.admission = { action: "deny" };
    change(config);
  });
  const args = withDefaults(clusterArgs(found));
  const admission = admissionOf(args, args.admission as NonNullable<typeof args.admission>);
  return { admission, applied: admissionPolicies(admission) };
}
const textOf = (applied: ReturnType<typeof admissionPolicies>, rule: string) =>
  JSON.stringify(applied.find(({ policy }) => policy.metadata.name === `kjerne-${rule.toLowerCase()}`));

test("deny refuses, and warn tells whoever asks and the audit log", async () => {
  for (const [action, actions] of [
    ["deny", ["Deny"]],
    ["warn", ["Warn", "Audit"]],
  ] as const) {
    const { applied } = await appliedBy((config) => (config.admission.action = action));
    assert.equal(applied.length, admissionRules.length);
    for (const { binding } of applied)
      assert.deepEqual(binding.spec, { ...(binding.spec as object), validationActions: actions });
  }
});

const exception = {
  ...{ rule: "SEC-11", kind: "DaemonSet", namespace: "monitoring", name: "node-exporter" },
  ...{ owner: "platform team", justification: "It reads what the node measures." },
};
const ahead = new Date(Date.now() + 10 * 86_400_000).toISOString().slice(0, 10);

test("an exception is one of its rule alone, and one that has ended holds no more", async () => {
  const { applied } = await appliedBy((config) => (config.admission.exceptions = [{ ...exception, until: ahead }]));
  const named = applied.filter(({ policy }) => JSON.stringify(policy).includes("DaemonSet/monitoring/node-exporter"));
  assert.deepEqual(
    named.map(({ policy }) => policy.metadata.name),
    ["kjerne-sec-11"],
  );
  const later = await appliedBy((config) => (config.admission.exceptions = [{ ...exception, until: "2026-01-31" }]));
  assert.doesNotMatch(JSON.stringify(later.applied), /node-exporter/);
});

test("what the settings themselves ask for is excepted by its name, or its rule is left out", async () => {
  const { admission, applied } = await appliedBy((config) => {
    config.defaultDeny[0].allow.push({ from: "frontend", to: { cidr: "0.0.0.0/0" }, port: 443 });
  });
  assert.match(textOf(applied, "NET-02"), /BGPPeer\/\/tor1/);
  assert.match(textOf(applied, "NET-05"), /NetworkPolicy\/production\/allow-frontend-egress-to-anywhere/);
  assert.equal(admission.podSecurity, "baseline");
  const others = await appliedBy((config) => {
    config.otherNamespaces = "reported";
    config.network.calico.encapsulation = { by: "vxlan", where: "always" };
  });
  assert.equal(others.admission.podSecurity, undefined);
  assert.equal(textOf(others.applied, "NET-01"), undefined);
});

test("images that the supply holds, and the verification's own, need no digest, in each spelling that containerd takes for the same name", async () => {
  const { applied } = await appliedBy(() => {});
  const text = textOf(applied, "SEC-12");
  for (const one of ["calico/node:v", "docker.io/calico/node:v", "registry.k8s.io/e2e-test-images/agnhost:"])
    assert.ok(text.includes(`\\"${one}`), one);
  assert.doesNotMatch(text, /kube-apiserver/, "workers do not have it");
});
