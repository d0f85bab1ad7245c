import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { after, before, describe, test } from "node:test";
import { admissionRules } from "../../components/security/admission-policies";
import { untilSucceeds } from "../../tools/lab/until";
import { run } from "../../tools/run";
import { cases } from "./admission-cases";
import { type AdmissionServer, startAdmissionServer } from "./admission-server";
import { type OwnObject, type OwnObjects, ownObjects } from "./own-objects";

let server: AdmissionServer;
before(async () => {
  server = await startAdmissionServer();
});
after(() => server.controlPlane.stop());

const images = ["docker.io/library/pinned:1.2"];
const image = `shop@sha256:${"0".repeat(64)}`;
const onNode = { hostNetwork: true, containers: [{ name: "main", image }] };
const clean = { containers: [{ name: "main", image }] };
const pod = (name: string, spec: object, namespace = "shop") => ({
  ...{ apiVersion: "v1", kind: "Pod", metadata: { name, namespace }, spec },
});
const workload = (name: string, spec: object, more: object = {}, kind = "Deployment") => ({
  ...{ apiVersion: "apps/v1", kind, metadata: { name, namespace: "shop" } },
  spec: { selector: { matchLabels: { app: name } }, template: { metadata: { labels: { app: name } }, spec }, ...more },
});

describe("where the API server warns", () => {
  before(() => server.judgeWith({ action: "warn", images }));

  for (const { what, object, byPacks, notHere } of cases) {
    const expected = byPacks.filter((rule) => !notHere.includes(rule)).sort();
    test(`${object.kind} ${what}: it says what the packs say, ${expected.join(", ") || "nothing"}`, async () => {
      const { isTaken, rules, said } = await server.tryOut(object);
      assert.ok(isTaken, said);
      assert.deepEqual(rules, expected, said);
    });
  }

  test("each rule is broken by one of these objects", () => {
    const broken = new Set(cases.flatMap(({ byPacks, notHere }) => byPacks.filter((rule) => !notHere.includes(rule))));
    assert.deepEqual([...broken].sort(), admissionRules);
  });
});

describe("where the API server refuses", () => {
  before(async () => {
    // From the time before.
    const { isTaken, said } = await server.put(workload("old", onNode));
    assert.ok(isTaken, said);
    const exception = { rule: "NET-06", kind: "DaemonSet", namespace: "shop", name: "listed" };
    await server.judgeWith({ action: "deny", exceptions: [exception] });
  });

  test("a pod and a workload's template are refused, with the rule, what is wrong, and the way out", async () => {
    for (const object of [pod("p", onNode), workload("p", onNode), workload("p", onNode, {}, "DaemonSet")]) {
      const { isTaken, said } = await server.tryOut(object);
      assert.ok(!isTaken);
      assert.match(
        said,
        /Forbidden.*NET-06 No pod uses the node's network.*: hostNetwork is true\. Leave hostNetwork/s,
      );
    }
    assert.ok((await server.tryOut(pod("p", clean), workload("p", clean))).isTaken);
  });

  test("a workload that is excepted is taken, and one of another name, kind or namespace is not", async () => {
    assert.ok((await server.tryOut(workload("listed", onNode, {}, "DaemonSet"))).isTaken);
    const elsewhere = workload("listed", onNode, {}, "DaemonSet");
    for (const other of [
      workload("other", onNode, {}, "DaemonSet"),
      workload("listed", onNode),
      { ...elsewhere, metadata: { ...elsewhere.metadata, namespace: "nowhere" } },
    ])
      assert.deepEqual((await server.tryOut(other)).rules, ["NET-06"]);
  });

  test("what was there before may be changed in what breaks no rule, and breaks none anew", async () => {
    const scaled = workload("old", onNode, { replicas: 2 });
    assert.ok((await server.put(scaled)).isTaken);
    assert.deepEqual((await server.tryOut(workload("old", { ...onNode, hostPID: true }))).rules, ["SEC-11"]);
    assert.ok((await server.put(workload("old", clean, { replicas: 2 }))).isTaken);
    assert.deepEqual((await server.tryOut(scaled)).rules, ["NET-06"]);
  });

  test("controllers make pods anew for a workload that was there before", async () => {
    const { kubectl } = server.controlPlane;
    const of = ["--namespace", "shop", "--selector", "app=before"];
    await server.judgeWith({ action: "warn" });
    await server.put(workload("before", onNode));
    await server.judgeWith({ action: "deny" });
    const names = async () => (await kubectl(["get", "pods", ...of, "--output", "name"])).split("\n").filter(Boolean);
    let first: string | undefined;
    await untilSucceeds("a pod", 30, async () => {
      [first] = await names();
      assert.ok(first);
    });
    await kubectl(["delete", "pods", ...of, "--now"]);
    await untilSucceeds("another pod", 30, async () => {
      const found = await names();
      assert.ok(found.length === 1 && found[0] !== first);
    });
  });

  test("a container that is added to a running pod is judged", async () => {
    await server.put(pod("running", clean));
    const privileged = { name: "debug", image, securityContext: { privileged: true } };
    const patch = JSON.stringify({ spec: { ephemeralContainers: [privileged] } });
    const args = ["patch", "pod", "running", "--namespace", "shop", "--subresource", "ephemeralcontainers"];
    await assert.rejects(
      server.controlPlane.kubectl([...args, "--patch", patch]),
      /SEC-11.*debug: privileged is true/s,
    );
  });

  test("kube-system is left out", async () => {
    assert.ok((await server.tryOut(pod("proxy", onNode, "kube-system"))).isTaken);
  });
});

describe("where the API server refuses, what kjerne makes is taken", () => {
  let own: OwnObjects;
  before(async () => {
    own = await ownObjects();
    await server.judgeWith(own.admission);
  });

  /** Namespaces and ServiceAccounts are made, since pods can't be tried out without. */
  async function assertTaken(objects: readonly OwnObject[]) {
    const made = objects.filter(({ kind }) => ["Namespace", "ServiceAccount"].includes(kind));
    if (made.length > 0) assert.ok((await server.put(...made)).isTaken);
    const { isTaken, said } = await server.tryOut(...objects.filter((object) => !made.includes(object)));
    assert.ok(isTaken, said);
  }

  test("the pods, policies and Services of the verification", () => assertTaken(own.ofVerification));
  test("the pods of the report", () => assertTaken(own.ofReport));
  test("Calico with its roles, its pool and routers", () => assertTaken(own.ofNetwork));
  test("default deny, with what the settings open", () => assertTaken(own.ofDefaultDeny));

  test("the binding of an operator, though nobody else is bound to the same role", async () => {
    const { binding } = own;
    await assertTaken([binding]);
    const subjects = [{ apiGroup: "rbac.authorization.k8s.io", kind: "User", name: "anna" }];
    for (const other of [
      { ...binding, subjects },
      { ...binding, metadata: { name: "annas" } },
    ])
      assert.deepEqual((await server.tryOut(other)).rules, ["SEC-10"]);
  });

  test("what kubeadm applies: its configuration, what lets nodes join, CoreDNS and kube-proxy", async () => {
    const { binDirectory, kubeconfig } = server.controlPlane;
    const config = ["--config", join(dirname(kubeconfig), "kubeadm.yaml"), "--kubeconfig", kubeconfig];
    for (const phase of ["upload-config kubeadm", "bootstrap-token", "addon coredns", "addon kube-proxy"])
      await run(join(binDirectory, "kubeadm"), ["init", "phase", ...phase.split(" "), ...config]);
  });
});
