import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { ListrTask } from "listr2";
import { type Report, table } from "../components/verify/report";
import { startLab, stopLab } from "./lab/lab";
import { labFiles } from "./lab/plan";
import { labStack } from "./lab/stack";
import { labStackRun } from "./lab-stack";
import { runTasks, sayTo, setUpTasks, type Tools } from "./set-up";
import { ensureSecret, ensureStack, runStack, type Stack, stackOutput } from "./stack";
import { supplyServers } from "./supply/supply";

/** What the steps of a lab leave to the next ones. */
interface Lab extends Tools {
  stack: Stack;
}

/** `make lab`: from a bare machine to a cluster that was seen working. Each step goes on where it was interrupted. */
export async function bringUp(lab: string): Promise<void> {
  const { stack } = await runTasks<Lab>([...setUpTasks<Lab>(), startTask(lab), upTask(lab)], {} as Lab);
  const report = await stackOutput<Report>(stack, "report");
  if (!report) throw new Error(`stack ${lab} has no report; run make lab again`);
  await writeFile(join(labFiles(lab).state, "report.json"), `${JSON.stringify(report, null, 2)}\n`);
  console.log(`\n${table(report)}\n\nUse it: eval "$(make -s env)" && kubectl get nodes`);
}

/** `make lab-down`: nothing of the lab stays. */
export async function takeDown(lab: string): Promise<void> {
  await runTasks([{ title: `Lab ${lab}`, task: (_, task) => stopLab(lab, sayTo(task)) }], {});
}

function startTask(lab: string): ListrTask<Lab> {
  return {
    title: "Router, hypervisor and mirror in namespaces",
    task: async (context, task) => {
      const { engine, supply } = context;
      const addresses = await startLab(lab, (address) => supplyServers(supply, address), sayTo(task));
      await labStack(lab, addresses, supply.directory);
      context.stack = await labStackRun(lab, engine);
      await ensureStack(context.stack);
      await ensureSecret(
        context.stack,
        "kjerne:bgpPasswords.router",
        await readFile(labFiles(lab).bgpPassword, "utf8"),
      );
    },
  };
}

function upTask(lab: string): ListrTask<Lab> {
  return {
    title: "pulumi up",
    task: async ({ stack }, task) => {
      await runStack(stack, "up", ["--yes", "--skip-preview"], sayTo(task));
      const kubeconfig = await stackOutput<string>(stack, "kubeconfig");
      await writeFile(labFiles(lab).kubeconfig, kubeconfig ?? "", { mode: 0o600 });
    },
  };
}
