import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { after, before, describe } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { startMachines, takeDown } from "../../commands/lab/bring-up";
import { labStack } from "../../commands/lab/lab-stack";
import { type Report, table } from "../../components/verify/report";
import { ensureEngine } from "../../tools/engine/engine";
import { plug, unplug } from "../../tools/lab/native/faults";
import { labFiles } from "../../tools/lab/plan";
import { ensureSecret, ensureStack, runStack, type Stack, stackOutput } from "../../tools/stack";
import { ensureSupply } from "../../tools/supply/supply";
import { changes, describeMachine } from "../e2e/as-found";
import { keepDiagnostics } from "../e2e/diagnostics";
import { changeSettings, nodeIn } from "../e2e/settings";
import { kubectl } from "../e2e/shell";
import { steps } from "../e2e/steps";

/** The lab of this drill, beside any other. Each run first removes what an interrupted run left. */
const lab = "chaos";
const machines = ["cp1", "worker1"];
const seed = Number(process.env.SEED || 1);
const trials = Number(process.env.TRIALS || 10);
const say = (line: string) => console.log(line);

/** What a run says when it begins with what it is killed in. */
const creation = {
  "while a machine gets its software": /cp1-machine creating/,
  "while the first control plane starts": /cp1-init creating/,
  "while another machine joins": /worker1-join creating/,
  "while Calico is created": /calico-daemonset-\S+ creating/,
  "while the verification asks": /verification creating/,
};
const change = /(cp1|worker1)-\S+ (updating|creating)/;
const destruction = /worker1-\S+ deleting/;

describe(`up and destroy are killed, SEED=${seed} TRIALS=${trials}`, { concurrency: false }, () => {
  const tried = { killed: 0, over: 0, cut: 0 };
  let drawn = 0;
  let stack: Stack;
  let found: readonly string[];
  const { step, hasFailed } = steps();

  before(async () => {
    await takeDown(lab);
    stack = await labStack(lab, await ensureEngine(say));
    await startMachines(lab, await ensureSupply(say), { MACHINES: "native", WORKERS: "1" }, say);
    await ensureStack(stack);
    await ensureSecret(stack, "kjerne:bgpPasswords.router", await readFile(labFiles(lab).bgpPassword, "utf8"));
    found = await describeMachines();
  });

  after(async () => {
    say(
      `SEED=${seed}: ${tried.killed} runs were killed, ${tried.over} were over before; ${tried.cut} times a cable was out`,
    );
    if (hasFailed()) console.error(`Logs that explain the failure are in ${await keepDiagnostics(stack)}`);
    await takeDown(lab);
  });

  for (let trial = 1; trial <= trials; trial++) {
    step(`trial ${trial}: each next run goes on, and in the end the machines are as they were found`, async () => {
      for (const [when, point] of Object.entries(creation)) await killed("up", when, point);
      await up();
      await settled();
      await another(trial);
      await killed("up", "while settings change", change);
      await up();
      await settled();
      await another(trial + 0.5);
      await cableOut("worker1", change);
      await up();
      await settled();
      await writeFile(labFiles(lab).kubeconfig, (await stackOutput<string>(stack, "kubeconfig")) ?? "", {
        mode: 0o600,
      });
      const { metadata } = await kubectl<{ metadata: { labels: Record<string, string> } }>(
        stack,
        "get",
        "node",
        "worker1",
      );
      assert.equal(metadata.labels["eksempel.no/trial"], String(trial + 0.5));
      await killed("destroy", "while machines are given back", destruction);
      await runStack(stack, "destroy", ["--yes", "--skip-preview"], () => {});
      for (const [at, left] of (await describeMachines()).entries())
        assert.deepEqual(changes(found[at] ?? "", left), [], machines[at]);
    });
  }

  /** Settings of which a label, rules of every node and each API server follow. */
  function another(number: number): Promise<void> {
    return changeSettings(stack, (config) => {
      nodeIn(config, "worker1").labels = { "eksempel.no/trial": String(number) };
      config["kjerne:network"].openToPods = [9000 + 2 * number];
      config["kjerne:otherNamespaces"] = Number.isInteger(number) ? "reported" : "closed";
    });
  }

  /** A number from 0 up to `below`, the same for the same SEED. */
  function random(below: number): number {
    return createHash("sha256").update(`${seed} ${drawn++}`).digest().readUInt32BE() % below;
  }

  /** Kills a run with all that it started, at some moment after it began with `point`. */
  async function killed(verb: "up" | "destroy", when: string, point: RegExp): Promise<void> {
    const afterMs = random(15_000);
    const run = new AbortController();
    let reached = false;
    const watch = (line: string) => {
      if (reached || !point.test(line)) return;
      reached = true;
      setTimeout(() => run.abort(), afterMs);
    };
    try {
      await runStack(stack, verb, ["--yes", "--skip-preview"], watch, run.signal);
      tried.over++;
      say(
        `${verb} was over before it was to be killed ${when} (${reached ? `${afterMs} ms after` : "it never came to that"})`,
      );
    } catch (error) {
      if ((error as Error).name !== "AbortError") throw error;
      tried.killed++;
      say(`${verb} was killed ${when}, ${afterMs} ms after it began with that`);
    }
  }

  /** A machine is not reached for half a minute while an `up` changes it, which may fail for it. */
  async function cableOut(node: string, point: RegExp): Promise<void> {
    let cut: Promise<void> | undefined;
    const watch = (line: string) => {
      if (point.test(line))
        cut ??= unplug(lab, node)
          .then(() => pause(30_000))
          .then(() => plug(lab, node));
    };
    const failure = await runStack(stack, "up", ["--yes", "--skip-preview"], watch).then(() => "", String);
    await cut;
    if (cut) tried.cut++;
    say(`the cable of ${node} ${cut ? "was out for 30 s" : "stayed in"}; up ${failure ? "failed" : "went on"}`);
  }

  async function up(): Promise<void> {
    await runStack(stack, "up", ["--yes", "--skip-preview"], () => {});
  }

  async function settled(): Promise<void> {
    const report = (await stackOutput<Report>(stack, "report")) as Report;
    assert.ok(report.passed, table(report));
    await runStack(stack, "up", ["--yes", "--skip-preview", "--refresh", "--expect-no-changes"], () => {});
  }

  function describeMachines(): Promise<string[]> {
    return Promise.all(machines.map((name) => describeMachine(lab, name)));
  }
});
