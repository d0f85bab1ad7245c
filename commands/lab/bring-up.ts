import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { ListrTask } from "listr2";
import { type Report, table } from "../../components/verify/report";
import { versions } from "../../node-config/versions";
import { labPackFlags } from "../../review/packs/lab-packs";
import { runJudged } from "../../review/runs/judged-run";
import { kvmBootsGuests } from "../../tools/lab/kvm";
import { startLab, stopLab } from "../../tools/lab/lab";
import { chooseMachines, keepMachines, nodesIn } from "../../tools/lab/machines";
import { nativeBase } from "../../tools/lab/native/base";
import { expectInotify } from "../../tools/lab/native/inotify";
import { checkLabName, type LabAddresses, labFiles } from "../../tools/lab/plan";
import { writeLabSettings } from "../../tools/lab/settings-file";
import { ensureSecret, ensureStack, pulumiOn, runStack, type Stack, stackOutput } from "../../tools/stack";
import { ensureSupply, type Supply, supplyServers } from "../../tools/supply/supply";
import { labStack } from "./lab-stack";
import { progress, runTasks, setUpTasks, type Tools } from "./set-up";

const repository = join(__dirname, "../..");

/** Variables of `make lab`, such as MACHINES. */
type Given = Readonly<Record<string, string>>;

/** What the steps of `make lab` hand on. */
interface Lab extends Tools {
  stack: Stack;
}

/**
 * `make lab`: from a bare machine to a verified cluster. Each step goes on where an earlier run was interrupted.
 *
 * @param given What the lab shall be made of, as `chooseMachines` takes it. @default - as it was, or as is usual
 */
export async function bringUp(lab: string, given: Given = {}): Promise<void> {
  checkLabName(lab);
  // A mistake is told before the set-up, which may take half an hour.
  await chooseMachines(lab, given, async () => "native");
  const { stack } = await runTasks<Lab>([...setUpTasks<Lab>(), startTask(lab, given), upTask(lab)], {} as Lab);
  const report = await stackOutput<Report>(stack, "report");
  if (!report) throw new Error(`stack ${lab} has no report; run make lab again`);
  await writeFile(join(labFiles(lab).state, "report.json"), `${JSON.stringify(report, null, 2)}\n`);
  console.log(`\n${table(report)}\n\nUse it: eval "$(make -s env LAB=${lab})" && kubectl get nodes`);
}

/** `make lab-down`: removes all of the lab. Does nothing if the lab is not there. */
export async function takeDown(lab: string): Promise<void> {
  await runTasks([{ title: `Lab ${lab}`, task: (_, task) => stopLab(lab, progress(task)) }], {});
}

function startTask(lab: string, given: Given): ListrTask<Lab> {
  return {
    title: "Router, mirror and machines in namespaces",
    task: async (context, task) => {
      await startMachines(lab, context.supply, given, progress(task));
      context.stack = await labStack(lab, context.engine);
      await ensureStack(context.stack);
      await ensureSecret(
        context.stack,
        "kjerne:bgpPasswords.router",
        await readFile(labFiles(lab).bgpPassword, "utf8"),
      );
    },
  };
}

/** Starts what a lab is made of, and writes the settings of its stack. */
export async function startMachines(
  lab: string,
  usualSupply: Supply,
  given: Given,
  say: (line: string) => void,
): Promise<LabAddresses> {
  const machines = await chooseMachines(lab, given, async () => {
    const fastest = (await kvmBootsGuests(usualSupply)) ? "virtual" : "native";
    const other = fastest === "virtual" ? "native" : "virtual";
    say(
      `${fastest} machines, since KVM ${fastest === "virtual" ? "boots" : "boots no"} guest here; MACHINES=${other} for the other kind`,
    );
    return fastest;
  });
  await keepMachines(lab, machines);
  const { debian } = machines;
  const supply = debian === versions.debian ? usualSupply : await ensureSupply(say, [versions.default], debian);
  const nodes = nodesIn(machines);
  const native = nodes.filter(({ isNative }) => isNative);
  await expectInotify(
    lab,
    native.map(({ name }) => name),
  );
  const base = native.length > 0 ? await nativeBase(supply, say) : "";
  const addresses = await startLab(lab, (address) => supplyServers(supply, address), say, {
    native: native.map(({ name }) => ({ name, base, memoryMiB: nodeMemoryMiB, hasFabric: machines.fabric === "yes" })),
    onHypervisor: native.length < nodes.length,
    endpointBy: machines.endpointBy,
  });
  await writeLabSettings(lab, addresses, supply.directory, machines);
  return addresses;
}

/** What a native node may use at most. A control plane uses up to 600 MiB of it, a worker 150, and page cache. */
const nodeMemoryMiB = 4096;

function upTask(lab: string): ListrTask<Lab> {
  return {
    title: "pulumi up",
    task: async ({ stack }, task) => {
      await upJudged(stack, progress(task));
      const kubeconfig = await stackOutput<string>(stack, "kubeconfig");
      await writeFile(labFiles(lab).kubeconfig, kubeconfig ?? "", { mode: 0o600 });
    },
  };
}

/**
 * Runs `pulumi up`; the policy packs judge before and after it.
 *
 * @throws Error with the engine's diagnostics, or with the violations that the packs report
 */
export async function upJudged(stack: Stack, say: (line: string) => void): Promise<void> {
  const failures: string[] = [];
  await runJudged({
    verb: "up",
    stack: stack.name,
    packs: await labPackFlags(repository, stack.name, stack.directory),
    flags: ["--yes", "--parallel", oneWave],
    env: process.env,
    ask: (args) => pulumiOn(stack, args),
    run: async ([verb, ...flags]) => {
      try {
        await runStack(stack, verb as "up" | "policy", flags, verb === "up" ? say : () => {});
        return 0;
      } catch (error) {
        failures.push((error as Error).message);
        return 1;
      }
    },
  });
  // After a failed up, the packs report what it did not create: of that, the line that names their log is enough.
  const [first, judgement] = failures;
  if (first) throw new Error([first, judgement?.split("\n")[0]].filter(Boolean).join("\n\n"));
}

/**
 * Resources at a time (`--parallel`): enough for all of Calico's CustomResourceDefinitions at once. After each batch of
 * them the provider fetches the API's whole schema again, which takes an emulated API server half a minute. The
 * engine's default is four for each processor.
 */
const oneWave = "32";
