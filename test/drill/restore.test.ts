import assert from "node:assert/strict";
import { createHash, X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import { after, before, describe } from "node:test";
import { parse } from "yaml";
import { bringUp, startMachines, takeDown } from "../../commands/lab/bring-up";
import { labStack } from "../../commands/lab/lab-stack";
import type { MainInput } from "../../components/verify/main";
import { type Report, table } from "../../components/verify/report";
import { ensureEngine } from "../../tools/engine/engine";
import { claimedIndex } from "../../tools/lab/links";
import { cutPower } from "../../tools/lab/native/faults";
import { onNode as onFreshMachine } from "../../tools/lab/native/node";
import { type LabAddresses, labAddresses, labFiles } from "../../tools/lab/plan";
import { asRoot, run } from "../../tools/run";
import { ensureSecret, runStack, type Stack, stackOutput } from "../../tools/stack";
import { ensureSupply } from "../../tools/supply/supply";
import { keepDiagnostics } from "../e2e/diagnostics";
import { restrictedPod } from "../e2e/restricted-pod";
import { changeSettings } from "../e2e/settings";
import { kubectl, onNode } from "../e2e/shell";
import { steps } from "../e2e/steps";
import { credentials, makeIdentity } from "../tools/backup/store";
import { startStore } from "./store";

/** The lab of this drill, beside any other. Each run first removes what an interrupted run left. */
const lab = "restore-drill";
const controlPlanes = ["cp1", "cp2", "cp3"];
const say = (line: string) => console.log(line);
const up = ["--yes", "--skip-preview"];

describe("every control plane is lost with its disk, and the cluster is the same again", { concurrency: false }, () => {
  let stack: Stack;
  let addresses: LabAddresses;
  let store: Awaited<ReturnType<typeof startStore>>;
  let key: Awaited<ReturnType<typeof makeIdentity>>;
  const drill = { backup: "", ca: "", token: "", podSince: "", takenAt: 0, lostAt: 0 };
  const { step, hasFailed } = steps();

  before(async () => {
    await takeDown(lab);
    stack = await labStack(lab, await ensureEngine(say));
    key = await makeIdentity();
  });

  after(async () => {
    if (hasFailed()) console.error(`Logs that explain the failure are in ${await keepDiagnostics(stack)}`);
    await store?.stop();
    await takeDown(lab);
    if (store) await asRoot("rm", "--recursive", "--force", store.directory);
  });

  step("three control planes back etcd up to an S3 store", async () => {
    await bringUp(lab, { MACHINES: "native", CONTROL_PLANES: "3", WORKERS: "1" });
    addresses = labAddresses((await claimedIndex(lab)) as number);
    store = await startStore(lab, addresses);
    await backUp();
    for (const [part, value] of Object.entries(credentials))
      await ensureSecret(stack, `kjerne:backupCredentials.${part}`, value);
    await runStack(stack, "up", up, say);
    await passed();
  });

  step("data, an identity and a running pod are there when a backup is taken; a change comes after it", async () => {
    const { wanted } = (await stackOutput<MainInput>(stack, "verification")) as MainInput;
    await kubectl(stack, "create", "namespace", "shop");
    await kubectl(stack, "create", "serviceaccount", "till", "--namespace", "shop");
    await kubectl(stack, "create", "secret", "generic", "price", "--from-literal=kroner=42", "--namespace", "shop");
    await run("kubectl", ["create", "--namespace", "shop", "--filename", "-"], {
      env: stack.env,
      input: JSON.stringify(restrictedPod("till", wanted.probe.image, "pause")),
    });
    await run("kubectl", ["wait", "--for=condition=Ready", "pod/till", "--namespace", "shop", "--timeout=120s"], {
      env: stack.env,
    });
    drill.podSince = await podSince();
    const token = ["create", "token", "till", "--namespace", "shop", "--duration", "24h"];
    drill.token = (await run("kubectl", token, { env: stack.env })).trim();
    await onNode(stack, "cp2", "kjerne-backup now");
    drill.takenAt = Date.now();
    drill.backup = JSON.parse(await onNode(stack, "cp2", "cat /var/lib/kjerne/backup.json")).newest.name;
    await kubectl(stack, "create", "configmap", "too-late", "--namespace", "shop");
  });

  step("all three control planes lose power and disk at once", async () => {
    drill.ca = await pinOfCa();
    drill.lostAt = Date.now();
    await Promise.all(controlPlanes.map((name) => cutPower(lab, name)));
    await assert.rejects(kubectl(stack, "get", "nodes", "--request-timeout=5s"));
  });

  step("fresh machines get everything but Kubernetes, and the first of them the backup", async () => {
    for (const name of controlPlanes) await asRoot("rm", "-r", "--one-file-system", labFiles(lab).node(name));
    await startMachines(lab, await ensureSupply(say), {}, say); // which writes their host keys into the settings
    await backUp();
    await runStack(stack, "up", [...up, "--exclude", "**:cp1-init", "--exclude-dependents"], say);
    const restore = `sudo kjerne-restore restore ${drill.backup} ${drill.ca}`;
    say(await onFreshMachine(lab, addresses, "cp1", restore, key.identity));
  });

  step("the next up starts the cluster from it and lets the others join; every check passes", async () => {
    await runStack(stack, "up", up, say);
    await passed();
    const seconds = (from: number, to: number) => `${Math.round((to - from) / 1000)} s`;
    say(`RTO, from the loss until every check passed: ${seconds(drill.lostAt, Date.now())}`);
    say(`RPO, from the backup until the loss: ${seconds(drill.takenAt, drill.lostAt)}`);
  });

  step("what was there before the backup is there, what came after is not, and the pod ran on", async () => {
    const price = await kubectl<{ data: { kroner: string } }>(stack, "get", "secret", "price", "--namespace", "shop");
    assert.equal(Buffer.from(price.data.kroner, "base64").toString(), "42");
    await assert.rejects(kubectl(stack, "get", "configmap", "too-late", "--namespace", "shop"), /not found/);
    assert.equal(await podSince(), drill.podSince);
    const review = { apiVersion: "authentication.k8s.io/v1", kind: "TokenReview", spec: { token: drill.token } };
    const { status } = JSON.parse(
      await run("kubectl", ["create", "--filename", "-", "--output", "json"], {
        env: stack.env,
        input: JSON.stringify(review),
      }),
    );
    assert.equal(status.user?.username, "system:serviceaccount:shop:till", "tokens from before are still good");
    assert.equal(await pinOfCa(), drill.ca);
  });

  step("each control plane is one healthy member of etcd, and the next backup is taken", async () => {
    const etcd = "$(crictl ps --quiet --name ^etcd$) etcdctl --endpoints https://127.0.0.1:2379";
    const keys = ["--cacert ca.crt", "--cert healthcheck-client.crt", "--key healthcheck-client.key"]
      .map((flag) => flag.replace(" ", " /etc/kubernetes/pki/etcd/"))
      .join(" ");
    const members = await onNode(stack, "cp1", `bash -c 'crictl exec ${etcd} ${keys} member list'`);
    const names = members.split("\n").filter(Boolean);
    assert.deepEqual(names.map((line) => line.split(", ")[2]).sort(), controlPlanes, members);
    await onNode(stack, "cp1", `bash -c 'crictl exec ${etcd} ${keys} endpoint health --cluster'`);
    await onNode(stack, "cp3", "kjerne-backup now");
  });

  function backUp(): Promise<void> {
    const s3 = { endpoint: store.endpoint, bucket: "etcd", prefix: lab };
    return changeSettings(stack, (config) => {
      config["kjerne:backup"] = { to: { s3 }, recipients: [key.recipient] };
    });
  }

  async function passed(): Promise<void> {
    const report = (await stackOutput<Report>(stack, "report")) as Report;
    assert.ok(report.passed, table(report));
    const ids = report.checks.map(({ id }) => id);
    assert.ok(ids.includes("backup-fresh"), ids.join(" "));
  }

  async function podSince(): Promise<string> {
    const found = await kubectl<{ status: { containerStatuses: { containerID: string; restartCount: number }[] } }>(
      stack,
      ...["get", "pod", "till", "--namespace", "shop"],
    );
    return JSON.stringify(found.status.containerStatuses.map((one) => [one.containerID, one.restartCount]));
  }

  /** `sha256:…` of the CA's public key in the kubeconfig that operators have. */
  async function pinOfCa(): Promise<string> {
    const { clusters } = parse(await readFile(labFiles(lab).kubeconfig, "utf8"));
    const { publicKey } = new X509Certificate(Buffer.from(clusters[0].cluster["certificate-authority-data"], "base64"));
    const der = publicKey.export({ type: "spki", format: "der" });
    return `sha256:${createHash("sha256").update(der).digest("hex")}`;
  }
});
