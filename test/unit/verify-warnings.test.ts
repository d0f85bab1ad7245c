import assert from "node:assert/strict";
import { test } from "node:test";
import { allowIngress } from "../../components/security/network-policies";
import { clusterChecks } from "../../components/verify/checks";
import { observedCluster } from "../../components/verify/observed-cluster";
import { observedNode } from "../../components/verify/observed-node";
import { type Warning, warningIds } from "../../components/verify/report";
import { clusterWarnings, echoWarnings } from "../../components/verify/warnings";
import { type Answers, edited, healthy, wanted } from "./verify/healthy";

/** A pod of somebody's, as the API server has it. */
const pod = (differs: object) => ({
  ...{ namespace: "shop", name: "web-1", node: "worker1", phase: "Running", ready: true },
  ...{ reason: "", owner: "ReplicaSet/web", terminatingSeconds: null, ...differs },
});
const withPod = (differs: object) => edited("pods", "[", `[${JSON.stringify(pod(differs))},`);
const withPolicy = (spec: object, namespace = "production") =>
  edited("policies", "[", `[${JSON.stringify({ namespace, name: "theirs", spec: { podSelector: {}, ...spec } })},`);
const secondPool = '{"name":"other","cidr":"192.168.0.0/16","ipipMode":"Never"},';

function warningsOf(answers: Answers): Warning[] {
  const ask = (name: string) => answers[name];
  const [node, other] = wanted.nodes;
  assert.ok(node && other);
  return [...clusterWarnings(wanted, observedCluster(ask)), ...echoWarnings(node, [other], observedNode(ask).echoes)];
}

const cases: readonly [what: string, answers: Answers, id: Warning["id"], found: RegExp][] = [
  [
    "a node that the settings don't name",
    edited(
      "nodes",
      "[",
      '[{"name":"gpu1","ready":true,"version":"v1.30.0","schedulable":true,"labels":{},"taints":[]},',
    ),
    "nodes-undeclared",
    /^gpu1$/,
  ],
  [
    "a cordoned node",
    edited("nodes", /(?<="name":"worker1"[^}]*"schedulable":)true/, "false"),
    "nodes-cordoned",
    /^worker1$/,
  ],
  [
    "an evicted pod",
    withPod({ phase: "Failed", ready: false, reason: "Evicted" }),
    "pods-down",
    /^shop\/web-1 on worker1: Failed \(Evicted\)$/,
  ],
  [
    "a pod in a crash loop",
    withPod({ ready: false, reason: "CrashLoopBackOff" }),
    "pods-down",
    /^shop\/web-1 on worker1: Running, not Ready \(CrashLoopBackOff\)$/,
  ],
  [
    "a pod that no node takes",
    withPod({ node: null, phase: "Pending", ready: false, reason: "Unschedulable" }),
    "pods-down",
    /^shop\/web-1 on no node: Pending, not Ready \(Unschedulable\)$/,
  ],
  [
    "a failed run of a CronJob",
    withPod({ phase: "Failed", ready: false, owner: "Job/report-29" }),
    "pods-down",
    /web-1 on worker1: Failed$/,
  ],
  [
    "a failed run of a CronJob of the system's",
    withPod({ namespace: "kube-system", phase: "Failed", ready: false, owner: "Job/backup-29" }),
    "pods-down",
    /^kube-system\/web-1/,
  ],
  [
    "a run of a Job of the system's that has yet to start",
    withPod({ namespace: "kube-system", phase: "Pending", ready: false, owner: "Job/backup-30" }),
    "pods-down",
    /^kube-system\/web-1/,
  ],
  [
    "an evicted pod of the system that was replaced",
    withPod({
      namespace: "kube-system",
      phase: "Failed",
      ready: false,
      reason: "Evicted",
      owner: "DaemonSet/calico-node",
    }),
    "pods-down",
    /\(Evicted\)$/,
  ],
  [
    "a pod that doesn't leave",
    withPod({ ready: false, terminatingSeconds: 4000 }),
    "pods-terminating",
    /^shop\/web-1 on worker1: 66 min$/,
  ],
  [
    "a pod of the system that doesn't leave",
    withPod({ namespace: "kube-system", ready: false, terminatingSeconds: 4000 }),
    "pods-terminating",
    /^kube-system\/web-1/,
  ],
  ["a Service without endpoints", edited("unserved", "[", '["shop/web"'), "services-unserved", /^shop\/web$/],
  [
    "a policy that lets everybody in",
    withPolicy({ ingress: [{}] }),
    "policies-open",
    /^production\/theirs \(ingress\)$/,
  ],
  [
    "a policy that lets all namespaces in",
    withPolicy({ ingress: [{ from: [{ namespaceSelector: {} }] }] }),
    "policies-open",
    /ingress/,
  ],
  [
    "a policy that lets pods out to any address",
    withPolicy({ egress: [{ to: [{ ipBlock: { cidr: "0.0.0.0/0" } }], ports: [{ protocol: "TCP" }] }] }),
    "policies-open",
    /egress/,
  ],
  [
    "a policy that opens all numbers of ports",
    withPolicy({ egress: [{ ports: [{ port: 1, endPort: 65535 }] }] }),
    "policies-open",
    /egress/,
  ],
  [
    "a second pool of pod addresses",
    edited("pools", "[", `[${secondPool}`),
    "pools-other",
    /^other \(192\.168\.0\.0\/16\)$/,
  ],
  [
    "a firewall between the nodes that refuses ICMP",
    edited("fullPackets", "full", "none"),
    "echo-unanswered",
    /^worker1 \(10\.77\.0\.21\)$/,
  ],
];

for (const [what, answers, id, found] of cases) {
  test(`${what} is a warning, and no check of the cluster fails`, () => {
    const warnings = warningsOf(answers);
    assert.deepEqual(
      warnings.map((warning) => warning.id),
      [id],
    );
    assert.match(warnings[0]?.found ?? "", found);
    assert.ok(warnings[0]?.next);
    const failed = clusterChecks(
      wanted,
      observedCluster((name) => answers[name]),
    ).filter(({ passed }) => !passed);
    assert.deepEqual(failed, []);
  });
}

for (const [what, answers] of [
  ["a healthy cluster", healthy],
  ["a run that has ended well", withPod({ phase: "Succeeded", ready: false, owner: "Job/report-29" })],
  ["a pod that has just been told to leave", withPod({ ready: false, terminatingSeconds: 3 })],
  ["a pod of the verification itself", withPod({ namespace: "kjerne-verify", phase: "Pending", ready: false })],
  [
    "a policy of somebody's that lets one app in",
    withPolicy(
      allowIngress(
        { from: { namespace: "a", labels: {} }, to: { namespace: "b", labels: {} }, port: 80 },
        { addresses: [], port: 6443 },
      ).spec,
    ),
  ],
  ["a policy that opens one port to the world", withPolicy({ ingress: [{ ports: [{ port: 443 }] }] })],
  ["an open policy in a namespace without default deny", withPolicy({ ingress: [{}] }, "shop")],
] as [string, Answers][]) {
  test(`nothing is said of ${what}`, () => assert.deepEqual(warningsOf(answers), []));
}

test("a long list names ten and counts the others", () => {
  const many = Array.from({ length: 12 }, (_, i) => pod({ name: `web-${i}`, phase: "Failed", ready: false }));
  const [warning] = warningsOf(edited("pods", "[", `[${many.map((one) => JSON.stringify(one)).join()},`));
  assert.match(warning?.found ?? "", /web-9 on worker1: Failed; and 2 more$/);
});

/** In reported-namespaces.test.ts, restart-due.test.ts, etcd-disk-slow.test.ts and volumes.test.ts. */
const elsewhere = ["namespaces-open", "restart-due", "etcd-disk-slow", "volumes-released"];

test("every warning has a case in which it is given", () => {
  const given = new Set<string>([...cases.map(([, , id]) => id), ...elsewhere]);
  assert.deepEqual(
    warningIds.filter((id) => !given.has(id)),
    [],
    "add a case to the list above",
  );
});
