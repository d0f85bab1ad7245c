import assert from "node:assert/strict";
import { after, before, describe } from "node:test";
import { bringUp, startMachines, takeDown } from "../../commands/lab/bring-up";
import { labStack } from "../../commands/lab/lab-stack";
import type { MainInput } from "../../components/verify/main";
import { type Report, table } from "../../components/verify/report";
import { ensureEngine } from "../../tools/engine/engine";
import { cutPower } from "../../tools/lab/native/faults";
import { labFiles } from "../../tools/lab/plan";
import { asRoot, run } from "../../tools/run";
import { runStack, type Stack, stackOutput } from "../../tools/stack";
import { ensureSupply } from "../../tools/supply/supply";
import { changes, describeMachine } from "../e2e/as-found";
import { keepDiagnostics } from "../e2e/diagnostics";
import { changeSettings } from "../e2e/settings";
import { kubectl, onNode } from "../e2e/shell";
import { shop } from "../e2e/shop";
import { steps } from "../e2e/steps";
import { type Asking, startAsking } from "./asking";

/** The lab of this drill, beside any other. Each run first removes what an interrupted run left. */
const lab = "replace-drill";
const controlPlanes = ["cp1", "cp2", "cp3"];
const say = (line: string) => console.log(line);
const up = ["--yes", "--skip-preview"];

// biome-ignore lint/suspicious/noExplicitAny: a node as an operator writes it
type Node = Record<string, any>;

describe("the control plane that started a cluster goes and comes back, and the cluster is the same", {
  concurrency: false,
}, () => {
  let stack: Stack;
  let asking: Asking | undefined;
  let nodes: readonly Node[];
  let found: string;
  const { step, hasFailed } = steps();

  before(async () => {
    await takeDown(lab);
    stack = await labStack(lab, await ensureEngine(say));
    await startMachines(lab, await ensureSupply(say), { MACHINES: "native", CONTROL_PLANES: "3", WORKERS: "1" }, say);
    found = await describeMachine(lab, "cp2");
  });

  after(async () => {
    asking?.stop();
    if (hasFailed()) console.error(`Logs that explain the failure are in ${await keepDiagnostics(stack)}`);
    await takeDown(lab);
  });

  step("three control planes and a worker serve a shop", async () => {
    await bringUp(lab);
    await changeSettings(stack, (config) => (nodes = config["kjerne:nodes"]));
    const { wanted } = (await stackOutput<MainInput>(stack, "verification")) as MainInput;
    for (const one of shop(wanted.probe.image, 1))
      await run("kubectl", ["apply", "--filename", "-"], { env: stack.env, input: JSON.stringify(one) });
    await whole(controlPlanes);
  });

  step(
    "the first loses power and disk: on a fresh machine it joins the others, and is let in by one of them",
    async () => {
      const before = await members("cp2");
      asking = await startAsking(lab, stack, "cp3");
      await cutPower(lab, "cp1");
      await asRoot("rm", "-r", "--one-file-system", labFiles(lab).node("cp1"));
      await startMachines(lab, await ensureSupply(say), {}, say); // which writes its host key into the settings
      await changeSettings(stack, (config) => (nodes = config["kjerne:nodes"]));
      await runStack(stack, "up", up, say);
      await answered(whileOneIsDead);
      await whole(controlPlanes);
      const now = await members("cp2");
      const same = controlPlanes.filter((name) => now[name] === before[name]);
      assert.deepEqual(same, ["cp2", "cp3"], "cp1 is another member of etcd by now, and the others are the same");
    },
  );

  step(
    "the first two are taken out, one in each up; what stays is the third alone, and machines are as found",
    async () => {
      await changeSettings(stack, (config) => {
        config["kjerne:nodes"] = nodes.filter(({ name }) => !["cp1", "cp2"].includes(name));
      });
      asking = await startAsking(lab, stack, "cp3");
      await assert.rejects(
        runStack(stack, "up", up, say),
        /control plane (cp1|cp2) has left in this run, and (cp1|cp2) stays/,
      );
      assert.equal(Object.keys(await members("cp3")).length, 2);
      await runStack(stack, "up", up, say);
      await answered(onPurpose);
      await whole(["cp3"]);
      assert.deepEqual(changes(found, await describeMachine(lab, "cp2")), []);
    },
  );

  step("both come back, and the one whose name sorts first joins the cluster of the third", async () => {
    await changeSettings(stack, (config) => {
      config["kjerne:nodes"] = nodes;
    });
    asking = await startAsking(lab, stack, "cp3");
    await runStack(stack, "up", up, say);
    await answered(onPurpose);
    await whole(controlPlanes);
  });

  /** The verification's checks pass, another up does nothing, and each of these is a healthy member of etcd. */
  async function whole(names: readonly string[]): Promise<void> {
    const report = (await stackOutput<Report>(stack, "report")) as Report;
    assert.ok(report.passed, table(report));
    assert.deepEqual(Object.keys(await members(names.at(-1) as string)), names);
    await etcdctl(names.at(-1) as string, "endpoint health --cluster");
    const found = await kubectl<{ items: { metadata: { name: string } }[] }>(stack, "get", "nodes");
    assert.deepEqual(found.items.map(({ metadata: { name } }) => name).sort(), [...names, "worker1"]);
    await runStack(stack, "up", [...up, "--refresh", "--expect-no-changes"], () => {});
  }

  /** A control plane whose power goes with the endpoint's address says nothing to the others, which wait some seconds. */
  const whileOneIsDead = 0.05;
  /** Where one leaves or comes on purpose. */
  const onPurpose = 0.001;

  async function answered(lostAtMost: number): Promise<void> {
    const counted = await (asking as Asking).end();
    asking = undefined;
    for (const { what, asked, lost, longestGapSeconds } of counted) {
      say(`${what}: ${lost} of ${asked} without an answer, the longest gap ${longestGapSeconds.toFixed(1)} s`);
      assert.ok(asked > 100, `${what} was asked ${asked} times`);
      assert.ok(lost <= asked * lostAtMost, `${what}: ${lost} of ${asked} without an answer`);
    }
  }

  /** Name → id, sorted by name. */
  async function members(through: string): Promise<Readonly<Record<string, string>>> {
    const rows = (await etcdctl(through, "member list")).split("\n").filter(Boolean);
    const named = rows.map((row) => row.split(", ")).map(([id = "", , name = ""]) => [name, id] as const);
    return Object.fromEntries(named.sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  function etcdctl(node: string, command: string): Promise<string> {
    const pki = "/etc/kubernetes/pki/etcd";
    const keys = `--cacert ${pki}/ca.crt --cert ${pki}/healthcheck-client.crt --key ${pki}/healthcheck-client.key`;
    const etcd = "$(crictl ps --quiet --name ^etcd$)";
    return onNode(
      stack,
      node,
      `bash -c 'crictl exec ${etcd} etcdctl --endpoints https://127.0.0.1:2379 ${keys} ${command}'`,
    );
  }
});
