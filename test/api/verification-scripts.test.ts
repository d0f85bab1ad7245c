import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { text } from "node:stream/consumers";
import { after, before, test } from "node:test";
import { admissionPolicies } from "../../components/security/admission-policies";
import { defaultDenyPolicies } from "../../components/security/default-deny";
import { clusterChecks } from "../../components/verify/checks";
import { observedCluster } from "../../components/verify/observed-cluster";
import { objectsJudged } from "../../components/verify/policy-checks";
import { type ProbeOutput, probeChecks } from "../../components/verify/probe-checks";
import { type ProbeInput, probeInput } from "../../components/verify/probe-manifests";
import { probePlan } from "../../components/verify/probe-plan";
import { sentScript } from "../../components/verify/send";
import { probeNamespace } from "../../components/verify/wanted";
import { calicoFiles } from "../../tools/supply/calico-files";
import { wanted } from "../unit/verify/healthy";
import { type ControlPlane, startControlPlane } from "./control-plane";
import { type Ends, Kubelet } from "./kubelet";

let controlPlane: ControlPlane;
let kubelet: Kubelet;
before(async () => {
  controlPlane = await startControlPlane();
  kubelet = await Kubelet.start(controlPlane);
  const manifest = await readFile((await calicoFiles()).manifest, "utf8");
  const definitions = manifest.split(/^---$/m).filter((text) => /^kind: CustomResourceDefinition$/m.test(text));
  await controlPlane.kubectl(["apply", "--server-side", "-f", "-"], definitions.join("\n---\n"));
  await controlPlane.kubectl(["wait", "--for=condition=Established", "crd", "--all", "--timeout=60s"]);
});
after(() => Promise.all([controlPlane.stop(), kubelet.stop()]));

/** One of the scripts as a node runs it, against this API server. */
async function start(script: string): Promise<ChildProcess> {
  const { binDirectory, kubeconfig } = controlPlane;
  const env = {
    ...process.env,
    KUBECONFIG: kubeconfig,
    TMPDIR: kubelet.directory,
    PATH: `${kubelet.directory}:${binDirectory}:${process.env.PATH}`,
  };
  const text = await sentScript(`verify/${script}`);
  return spawn("bash", ["-c", text, script], { env, stdio: ["pipe", "pipe", "pipe"] });
}

async function run(script: string, input: unknown): Promise<string> {
  const child = await start(script);
  assert.ok(child.stdin && child.stdout && child.stderr);
  child.stdin.end(JSON.stringify(input));
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]);
  assert.equal(code, 0, stderr);
  return stdout;
}

const pods = (app: string) => ({ namespace: probeNamespace, labels: { app } });
const { allows, denies } = defaultDenyPolicies({
  namespaces: [probeNamespace],
  allow: [{ from: pods("frontend"), to: pods("backend"), port: 8080 }],
  api: { addresses: ["10.77.0.11"], port: 6443 },
});
const plan = probePlan(wanted);
const input = probeInput(plan, { ...wanted.probe, policies: [...allows, ...denies] });

async function probe(ends: Ends, given: ProbeInput = input) {
  await kubelet.decide(plan, ends);
  const running = run("probe.sh", given);
  await Promise.all([kubelet.play(running), running]);
  const output: ProbeOutput = JSON.parse(await running);
  return { output, checks: probeChecks(plan, { value: output }) };
}

/** Waits until the probes' namespaces are deleted; gives those that are left. */
async function probeNamespaces(): Promise<string[]> {
  await controlPlane.kubectl(["wait", "--for=delete", ...input.namespaces.map((name) => `namespace/${name}`)]);
  const names = await controlPlane.kubectl(["get", "namespaces", "-o", "name"]);
  return names.split("\n").filter((name) => name.includes(probeNamespace));
}

const refusals = plan.flatMap((pod) => pod.refused.map(({ id }) => `${pod.name}/${id}`));
const asPlanned: Ends = (pod, probe) => (refusals.includes(`${pod}/${probe}`) ? [1, "TIMEOUT"] : [0, ""]);

test("connections that end as planned pass their checks, and the probe removes its namespaces", async () => {
  const { output, checks } = await probe(asPlanned);
  assert.equal(output.problem, "");
  assert.deepEqual(
    checks.filter(({ passed }) => !passed),
    [],
  );
  assert.equal(checks.filter(({ wanted }) => wanted === "is refused").length, refusals.length);
  assert.deepEqual(await probeNamespaces(), []);
});

test("each connection that should be refused and succeeds fails its own check", async () => {
  const { checks } = await probe(() => [0, ""]);
  const failed = checks.filter(({ passed }) => !passed);
  assert.equal(failed.length, refusals.length);
  assert.ok(failed.every(({ found }) => found === "passes"));
});

test("a connection reset does not count as refused by a network policy, since the packet arrived", async () => {
  const { checks } = await probe((pod, id) => (id === "backend-other" ? [1, "REFUSED"] : asPlanned(pod, id)));
  assert.deepEqual(
    checks.filter(({ passed }) => !passed).map(({ found }) => found),
    ["REFUSED"],
  );
});

test("no connection counts as refused after a DNS failure", async () => {
  const dns = "DNS: lookup kubernetes.default.svc: i/o timeout";
  const { checks } = await probe((pod, id) => (id === "api" ? [1, dns] : asPlanned(pod, id)));
  assert.ok(checks.every(({ passed }) => !passed));
  assert.match(checks[0]?.found ?? "", /^DNS: lookup/);
  assert.match(checks.at(-1)?.found ?? "", /^not tried/);
});

test("a server pod that is never Ready is reported with the step that waited, and the probe cleans up", async () => {
  // What the test before began to remove must not take any of the five seconds.
  assert.deepEqual(await probeNamespaces(), []);
  const output: ProbeOutput = JSON.parse(await run("probe.sh", { ...input, seconds: 5 }));
  assert.match(output.problem, /timed out waiting for the condition on pods\/backend/);
  const checks = probeChecks(plan, { value: output });
  assert.ok(checks.every(({ passed, found }) => !passed && found.startsWith("not tried: ")));
  assert.deepEqual(await probeNamespaces(), []);
});

test("what a killed run leaves is removed by the next", async () => {
  const killed = await start("probe.sh");
  killed.stdin?.end(JSON.stringify(input));
  await controlPlane.kubectl(["wait", "--for=create", `pod/backend`, "--namespace", probeNamespace, "--timeout=60s"]);
  killed.kill("SIGKILL");
  await once(killed, "close");

  const { checks } = await probe(asPlanned);
  assert.deepEqual(
    checks.filter(({ passed }) => !passed),
    [],
  );
  assert.deepEqual(await probeNamespaces(), []);
});

test("a namespace of somebody else's with the probes' name is neither used nor deleted, and the report says so", async () => {
  const { kubectl } = controlPlane;
  await kubectl(["create", "namespace", probeNamespace]);
  await kubectl(["create", "configmap", "theirs", "--namespace", probeNamespace]);
  try {
    const { output, checks } = await probe(asPlanned);
    assert.match(
      output.problem,
      /^namespace kjerne-verify is not the verification's .*kubectl delete namespace kjerne-verify$/,
    );
    assert.ok(checks.every(({ passed }) => !passed));
    assert.match(await kubectl(["get", "configmaps", "--namespace", probeNamespace, "-o", "name"]), /theirs/);
    assert.equal((await kubectl(["get", "pods", "--namespace", probeNamespace, "-o", "name"])).trim(), "");
  } finally {
    await kubectl(["delete", "namespace", probeNamespace]);
  }
});

test("observe-cluster.sh reads the cluster from a real API server; IPIP Always fails the pool's check", async () => {
  const { kubectl } = controlPlane;
  const pool = (ipipMode: string) => ({
    apiVersion: "crd.projectcalico.org/v1",
    kind: "IPPool",
    metadata: { name: "default-ipv4-ippool" },
    spec: { cidr: "10.244.0.0/16", ipipMode, vxlanMode: "Never" },
  });
  const poolCheck = async () => {
    const answers = JSON.parse(await run("observe-cluster.sh", {}));
    const observed = observedCluster((name) => answers[name]);
    assert.deepEqual(observed.blocks, { value: [] });
    assert.deepEqual(observed.nodes, { value: [] });
    assert.deepEqual(observed.workloads, { value: [] });
    assert.match(JSON.stringify(observed.services), /"default\/kubernetes".*TCP 10\.96\.0\.1:443.*192\.0\.2\.1:\d+/);
    return clusterChecks(wanted, observed).find(({ id }) => id === "pool-encapsulation");
  };
  await kubectl(["apply", "-f", "-"], JSON.stringify(pool("Never")));
  assert.equal((await poolCheck())?.passed, true);
  await kubectl(["apply", "-f", "-"], JSON.stringify(pool("Always")));
  assert.match((await poolCheck())?.found ?? "", /ipipMode Always/);
});

test("a policy of the API server's that somebody bound to a warning fails its check, by its name", async () => {
  const { kubectl } = controlPlane;
  const apply = (objects: readonly object[]) =>
    kubectl(["apply", "--server-side", "-f", "-"], objects.map((object) => JSON.stringify(object)).join("\n---\n"));
  const made = admissionPolicies({ action: "deny" });
  const expected = { policies: made.map(({ policy }) => policy.metadata.name), action: "deny" } as const;
  const check = async () => {
    const answers = JSON.parse(await run("observe-cluster.sh", {}));
    return objectsJudged(expected, observedCluster((name) => answers[name]).admission);
  };
  assert.match((await check()).found, /^kjerne-net-01 is bound to nothing/);
  await apply(made.flatMap(({ policy, binding }) => [policy, binding]));
  assert.deepEqual([(await check()).passed, (await check()).found], [true, `${made.length} policies`]);
  const patch = ["patch", "validatingadmissionpolicybinding", "kjerne-net-06", "--type", "merge", "--patch"];
  await kubectl([...patch, '{"spec": {"validationActions": ["Warn"]}}']);
  assert.deepEqual([(await check()).passed, (await check()).found], [false, "kjerne-net-06 is bound to Warn"]);
});
