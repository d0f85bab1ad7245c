import { once } from "node:events";
import { connect } from "node:net";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { lostMachine } from "../stacks/lost-machine";
import { ensureEngine } from "../tools/engine/engine";
import { pulumiOutput } from "../tools/pulumi";
import { expectStack, readStackSettings } from "./preconditions";
import { runCommand } from "./run-command";

const options = { stack: { type: "string" }, machine: { type: "string" } } as const;
const repository = join(__dirname, "..");

/**
 * `make forget STACK=… MACHINE=…`: a machine is gone for good. Marks in the state that nothing is to be undone there, so that
 * an `up` with settings which no longer have it can take its nodes out of the cluster, or make them anew elsewhere. Nothing is
 * deleted, and no machine is reached but for the question whether it still answers.
 */
async function main(): Promise<void> {
  const { stack, machine } = parseArgs({ options }).values;
  if (!machine) throw new Error("no machine is named; name a hypervisor, or a node on a machine of yours: MACHINE=hv1");
  const settings = await readStackSettings(repository, "forget", stack, process.env.PULUMI_OPTION_CONFIG_FILE);
  const { cli, env } = await ensureEngine(() => {});
  const pulumi = (args: readonly string[], input?: string) =>
    pulumiOutput([...args, "--stack", settings.stack], { cwd: repository, env: { ...process.env, ...env }, input });
  await expectStack((args) => pulumiOutput(args, { cwd: repository, env: { ...process.env, ...env } }), settings, cli);

  const exported = JSON.parse(await pulumi(["stack", "export"]));
  const { address, port, nodes, skipped, resources } = lostMachine(exported.deployment.resources ?? [], machine);
  if (await answers(address, port)) {
    throw new Error(
      `${machine} answers at ${address}, port ${port}: nothing was changed. Take it out of the settings, and pulumi up undoes what lies there`,
    );
  }
  await pulumi(["stack", "import"], JSON.stringify({ ...exported, deployment: { ...exported.deployment, resources } }));
  console.log(
    [
      `${machine} is given up: nothing will be undone there (${skipped.join(", ")}).`,
      `Now take it out of the settings, and ${nodes.join(", ")} with it, or give these nodes another hypervisor or machine; then pulumi up.`,
      "Where one of them is the first control plane and others are workers, take that one out first, by an up of its own.",
      "If the machine ever comes back, erase its disks before it has a network: what lies there still believes to be a node.",
    ].join("\n"),
  );
}

/** Whether anything takes a connection there within some seconds. */
async function answers(host: string, port: number): Promise<boolean> {
  const socket = connect({ host, port, timeout: 5000 });
  const silent = once(socket, "timeout").then(() => false);
  const taken = once(socket, "connect").then(() => true);
  const answer = await Promise.race([silent, taken]).catch(() => false);
  socket.destroy();
  return answer;
}

runCommand(main, 1);
