import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe } from "node:test";
import { startMachines, takeDown } from "../../commands/lab/bring-up";
import { labStack } from "../../commands/lab/lab-stack";
import type { MainInput } from "../../components/verify/main";
import { type Report, table } from "../../components/verify/report";
import { versions } from "../../node-config/versions";
import { ensureEngine } from "../../tools/engine/engine";
import { labFiles } from "../../tools/lab/plan";
import { run } from "../../tools/run";
import { ensureSecret, ensureStack, runStack, type Stack, stackOutput } from "../../tools/stack";
import { ensureSupply } from "../../tools/supply/supply";
import { keepDiagnostics } from "../e2e/diagnostics";
import { changeSettings } from "../e2e/settings";
import { kubectl } from "../e2e/shell";
import { shop } from "../e2e/shop";
import { steps } from "../e2e/steps";
import { type Asking, startAsking } from "./asking";

/** The lab of this drill, beside any other. Each run first removes what an interrupted run left. */
const lab = "upgrade-drill";
const [from, to] = ["1.35.4", versions.default];
const say = (line: string) => console.log(line);
const up = ["--yes", "--skip-preview"];

interface Nodes {
  readonly items: readonly {
    readonly metadata: { readonly name: string; readonly annotations: Readonly<Record<string, string>> };
    readonly spec: { readonly unschedulable?: boolean };
    readonly status: { readonly nodeInfo: { readonly kubeletVersion: string } };
  }[];
}

describe(`a cluster goes from Kubernetes ${from} to ${to} while it is asked all the time`, {
  concurrency: false,
}, () => {
  let stack: Stack;
  let index: { packages: Record<string, string> };
  let asking: Asking | undefined;
  const { step, hasFailed } = steps();

  before(async () => {
    await takeDown(lab);
    stack = await labStack(lab, await ensureEngine(say));
  });

  after(async () => {
    asking?.stop();
    if (hasFailed()) console.error(`Logs that explain the failure are in ${await keepDiagnostics(stack)}`);
    await takeDown(lab);
  });

  step(`three control planes and two workers have ${from}, from a mirror that has ${to} as well`, async () => {
    const supply = await ensureSupply(say, [from, to]);
    index = JSON.parse(await readFile(join(supply.directory, "supply.json"), "utf8"));
    const shape = { MACHINES: "native", CONTROL_PLANES: "3", WORKERS: "2", LOAD_BALANCERS: "yes" };
    await startMachines(lab, supply, shape, say);
    await ensureStack(stack);
    await ensureSecret(stack, "kjerne:bgpPasswords.router", await readFile(labFiles(lab).bgpPassword, "utf8"));
    await want(from);
    await runStack(stack, "up", up, say);
    await writeFile(labFiles(lab).kubeconfig, (await stackOutput<string>(stack, "kubeconfig")) ?? "", { mode: 0o600 });
    await passed();
    assert.deepEqual(await kubelets(), [`v${from}`]);
  });

  step("a budget that lets no pod go and a missing backup are refused together, and no node is touched", async () => {
    const { wanted } = (await stackOutput<MainInput>(stack, "verification")) as MainInput;
    for (const one of shop(wanted.probe.image, 2, true)) await apply(one);
    await run("kubectl", ["rollout", "status", "--namespace", "shop", "deployment/till", "--timeout=180s"], {
      env: stack.env,
    });
    await want(to);
    const refused = await runStack(stack, "up", up, () => {}).then(
      () => "",
      (error: Error) => error.message,
    );
    assert.match(refused, /PodDisruptionBudget shop\/till lets no pod go/);
    assert.match(refused, /there is no backup of etcd/);
    assert.deepEqual(await kubelets(), [`v${from}`]);
    assert.deepEqual(await setAside(), []);
  });

  step("up takes one node after the other to the new version; what is asked meanwhile is answered", async () => {
    const { wanted } = (await stackOutput<MainInput>(stack, "verification")) as MainInput;
    for (const one of shop(wanted.probe.image, 1, true)) await apply(one);
    await want(to, { withoutBackup: true });
    asking = await startAsking(lab, stack, "cp1");
    await runStack(stack, "up", up, say);
    const counted = await asking.end();
    for (const { what, asked, lost, longestGapSeconds } of counted) {
      say(`${what}: ${lost} of ${asked} without an answer, the longest gap ${longestGapSeconds.toFixed(1)} s`);
      assert.ok(asked > 100, `${what} was asked ${asked} times`);
      assert.ok(lost <= asked / 100, `${what}: ${lost} of ${asked} without an answer`);
    }
    assert.deepEqual(await kubelets(), [`v${to}`]);
    assert.deepEqual(await setAside(), []);
    await passed();
  });

  step("what runs in it is of the new version, and another up changes nothing", async () => {
    const pods = await kubectl<{ items: { spec: { containers: { image: string }[] } }[] }>(
      stack,
      "get",
      "pods",
      "--namespace",
      "kube-system",
    );
    const images = new Set(
      pods.items.flatMap(({ spec }) => spec.containers.map(({ image }) => image.split("/").at(-1) as string)),
    );
    const release = versions.kubernetes[to];
    for (const image of [
      `kube-apiserver:v${to}`,
      `kube-proxy:v${to}`,
      `etcd:${release?.etcdImage}`,
      `coredns:v${release?.coredns}`,
    ])
      assert.ok(images.has(image), `${image} is not among ${[...images].join(", ")}`);
    assert.ok(![...images].some((image) => image.endsWith(`:v${from}`)), [...images].join(", "));
    await runStack(stack, "preview", ["--expect-no-changes"], () => {});
  });

  /** Changes version and index in the settings, as an operator does who has locked another release. */
  async function want(version: string, upgrade: object = {}): Promise<void> {
    const file = join(labFiles(lab).state, `supply-${version}.json`);
    const names = ["kubeadm", "kubelet", "kubectl"].map((name) => [name, `${version}-1`]);
    await writeFile(file, JSON.stringify({ ...index, packages: { ...index.packages, ...Object.fromEntries(names) } }));
    await changeSettings(stack, (config) => {
      Object.assign(config["kjerne:kubernetes"], { version, upgrade });
      config["kjerne:supply"].index = file;
    });
  }

  async function apply(object: object): Promise<void> {
    await run("kubectl", ["apply", "--filename", "-"], { env: stack.env, input: JSON.stringify(object) });
  }

  async function kubelets(): Promise<string[]> {
    const { items } = await kubectl<Nodes>(stack, "get", "nodes");
    return [...new Set(items.map(({ status }) => status.nodeInfo.kubeletVersion))];
  }

  /** Nodes that take no pods, or that an upgrade has begun to change. */
  async function setAside(): Promise<string[]> {
    const { items } = await kubectl<Nodes>(stack, "get", "nodes");
    const aside = items.filter(
      ({ metadata, spec }) => spec.unschedulable || metadata.annotations["kjerne.io/changing"],
    );
    return aside.map(({ metadata }) => metadata.name);
  }

  async function passed(): Promise<void> {
    const report = (await stackOutput<Report>(stack, "report")) as Report;
    assert.ok(report.passed, table(report));
  }
});
