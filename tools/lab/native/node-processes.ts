import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { asRoot, type CommandLine } from "../../run";
import { endProcess, initIn, processesIn } from "../machine-processes";
import { labFiles, nodeNamespaceOf } from "../plan";
import { until } from "../until";

/** This machine's number of a native node's systemd. Undefined if the node does not run, or has only begun to boot. */
export async function nodeInitOf(lab: string, name: string): Promise<number | undefined> {
  return initIn(nodeNamespaceOf(lab, name), "systemd");
}

/** Kills a native node and what powers it, and waits until its disk is free. Its control groups are empty then. */
export async function ensureNodeEnded(lab: string, name: string): Promise<void> {
  await until(`the processes of node ${name} of lab ${lab} to end`, 30, async () => {
    const groups = await groupsOf(lab, name);
    // What powers it first: it would start the node again.
    const power = (await Promise.all(groups.map((group) => processesAt(join(group, "power"))))).flat();
    const processes = [...new Set([...power, ...(await processesIn(nodeNamespaceOf(lab, name)))])];
    for (const pid of processes) await endProcess(pid);
    return processes.length === 0;
  });
  const disk = join(labFiles(lab).node(name), "var.img");
  await until(`the kernel to let go of ${disk}`, 30, async () => {
    return !existsSync(disk) || (await asRoot("losetup", "--associated", disk)).trim() === "";
  });
}

/** Removes a node's control groups. It must have ended. */
export async function removeGroups(lab: string, name: string): Promise<void> {
  for (const group of await groupsOf(lab, name)) await asRoot("find", group, "-depth", "-type", "d", "-delete");
}

/**
 * Runs a command inside a native node, as its root with all of this machine's capabilities.
 *
 * @returns stdout
 * @throws Error if the node does not run or the command fails
 */
export async function insideNode(lab: string, name: string, ...argv: CommandLine): Promise<string> {
  const init = await nodeInitOf(lab, name);
  if (init === undefined) {
    throw new Error(`lab ${lab}: its node ${name} is down; start it (make lab-node LAB=${lab} NODE=${name} DO=start)`);
  }
  const namespaces = ["--mount", "--pid", "--ipc", "--uts", "--net", "--cgroup"];
  return asRoot("nsenter", "--target", String(init), ...namespaces, ...argv);
}

/** The groups that node-power has made and not removed: one in each hierarchy of control groups. */
async function groupsOf(lab: string, name: string): Promise<string[]> {
  const file = join(labFiles(lab).node(name), "groups");
  if (!existsSync(file)) return [];
  const lines = (await readFile(file, "utf8")).split("\n").filter(Boolean);
  return lines.map((line) => line.slice(line.indexOf(" ") + 1)).filter(existsSync);
}

async function processesAt(group: string): Promise<number[]> {
  const file = join(group, "cgroup.procs");
  return existsSync(file) ? (await readFile(file, "utf8")).split("\n").filter(Boolean).map(Number) : [];
}
