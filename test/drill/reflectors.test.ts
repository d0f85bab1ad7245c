import assert from "node:assert/strict";
import { after, before, describe } from "node:test";
import { bringUp, startMachines, takeDown } from "../../commands/lab/bring-up";
import { labStack } from "../../commands/lab/lab-stack";
import type { MainInput } from "../../components/verify/main";
import { type Report, table } from "../../components/verify/report";
import { ensureEngine } from "../../tools/engine/engine";
import type { LabAddresses } from "../../tools/lab/plan";
import { run } from "../../tools/run";
import { runStack, type Stack, stackOutput } from "../../tools/stack";
import { ensureSupply } from "../../tools/supply/supply";
import { keepDiagnostics } from "../e2e/diagnostics";
import { changeSettings } from "../e2e/settings";
import { kubectl } from "../e2e/shell";
import { shop } from "../e2e/shop";
import { steps } from "../e2e/steps";
import { type Asking, startAsking } from "./asking";

/** The lab of this drill, beside any other. Each run first removes what an interrupted run left. */
const lab = "reflectors-drill";
const say = (line: string) => console.log(line);
const up = ["--yes", "--skip-preview"];

describe("a cluster goes from the mesh of all nodes to route reflectors and back while it is asked", {
  concurrency: false,
}, () => {
  let stack: Stack;
  let addresses: LabAddresses;
  let asking: readonly Asking[] = [];
  const { step, hasFailed } = steps();

  before(async () => {
    await takeDown(lab);
    stack = await labStack(lab, await ensureEngine(say));
    const machines = { MACHINES: "native", CONTROL_PLANES: "3", WORKERS: "2" };
    addresses = await startMachines(lab, await ensureSupply(say), machines, say);
  });

  after(async () => {
    for (const one of asking) one.stop();
    if (hasFailed()) console.error(`Logs that explain the failure are in ${await keepDiagnostics(stack)}`);
    await takeDown(lab);
  });

  step("three control planes and two workers in a mesh serve a shop", async () => {
    await bringUp(lab);
    const { wanted } = (await stackOutput<MainInput>(stack, "verification")) as MainInput;
    for (const one of shop(wanted.probe.image, 1))
      await run("kubectl", ["apply", "--filename", "-"], { env: stack.env, input: JSON.stringify(one) });
    await run("kubectl", ["rollout", "status", "--namespace", "shop", "deployment/till", "--timeout=180s"], {
      env: stack.env,
    });
  });

  step(
    "two control planes reflect: workers lose nothing on the way, and have sessions with these two alone",
    async () => {
      await changeTo(["cp1", "cp2"]);
      assert.deepEqual(await reflecting(), ["cp1", "cp2"]);
    },
  );

  step("the mesh of all nodes is back, and nobody reflects", async () => {
    await changeTo([]);
    assert.deepEqual(await reflecting(), []);
  });

  /** Asks from a worker, whose sessions with the other worker change hands last, and from one that begins to reflect. */
  async function changeTo(reflectors: readonly string[]): Promise<void> {
    await changeSettings(stack, (config) => {
      config["kjerne:network"].operators = [`${addresses.host}/32`];
      config["kjerne:network"].calico.reflectors = reflectors;
    });
    asking = await Promise.all(["worker1", "cp1"].map((node) => startAsking(lab, stack, node)));
    await runStack(stack, "up", up, say);
    const [fromWorker, fromReflector] = await Promise.all(asking.map((one) => one.end()));
    for (const [from, counted] of Object.entries({ worker1: fromWorker, cp1: fromReflector }))
      for (const { what, asked, lost, longestGapSeconds } of counted ?? [])
        say(`${what}, asked on ${from}: ${lost} of ${asked} lost, the longest gap ${longestGapSeconds.toFixed(1)} s`);
    for (const { what, asked, lost } of fromWorker ?? []) {
      assert.ok(asked > 50, `${what} was asked ${asked} times`);
      assert.equal(lost, 0, `${what}: ${lost} of ${asked} without an answer`);
    }
    const report = (await stackOutput<Report>(stack, "report")) as Report;
    assert.ok(report.passed, table(report));
    await runStack(stack, "up", [...up, "--refresh", "--expect-no-changes"], () => {});
  }

  async function reflecting(): Promise<string[]> {
    const selector = ["--selector", "kjerne.io/route-reflector=true"];
    const { items } = await kubectl<{ items: { metadata: { name: string } }[] }>(stack, "get", "nodes", ...selector);
    return items.map(({ metadata }) => metadata.name);
  }
});
