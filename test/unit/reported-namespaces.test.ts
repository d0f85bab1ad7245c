import assert from "node:assert/strict";
import { test } from "node:test";
import { parse } from "yaml";
import { observedCluster } from "../../components/verify/observed-cluster";
import type { Wanted } from "../../components/verify/wanted";
import { clusterWarnings } from "../../components/verify/warnings";
import { controlPlaneFiles } from "../../node-config/node-files";
import { type Answers, edited, wanted } from "./verify/healthy";

/** A pod of somebody's in that namespace, as the API server has it. */
const running = (namespace: string) => {
  const pod = { namespace, name: "web-1", node: "worker1", phase: "Running", ready: true, reason: "", owner: "" };
  return edited("pods", "[", `[${JSON.stringify({ ...pod, terminatingSeconds: null })},`);
};

test("where other namespaces are reported alone, those with pods and no default deny are named", () => {
  const { clusterPolicy: _, ...reported } = wanted;
  const said = (expected: Wanted, answers: Answers) =>
    clusterWarnings(
      expected,
      observedCluster((name) => answers[name]),
    ).map(({ id, found }) => `${id}: ${found}`);
  assert.deepEqual(said(reported, running("shop")), ["namespaces-open: shop"]);
  assert.deepEqual(said(reported, running("production")), []);
  assert.deepEqual(said(wanted, running("shop")), []);
});

test("Pod Security enforces baseline and tells of restricted; where it is reported it enforces nothing", () => {
  const levels = (facts: { readonly podSecurity?: "reported" }) => {
    const files = controlPlaneFiles({ pace: "bare-metal", ...facts }, "");
    const config = parse(files["/etc/kubernetes/kjerne/admission.yaml"]?.content ?? "");
    const { defaults, exemptions } = config.plugins[0].configuration;
    return [defaults.enforce, defaults.audit, defaults.warn, exemptions.namespaces];
  };
  assert.deepEqual(levels({}), ["baseline", "restricted", "restricted", ["kube-system"]]);
  assert.deepEqual(levels({ podSecurity: "reported" }), ["privileged", "baseline", "baseline", ["kube-system"]]);
});
