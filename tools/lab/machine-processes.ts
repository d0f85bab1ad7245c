import { readFile } from "node:fs/promises";
import { asRoot, type CommandLine } from "../run";
import { namespaceOf, type Role } from "./plan";
import { until } from "./until";

/** The processes in a network namespace; none if the namespace does not exist. */
export async function processesIn(namespace: string): Promise<number[]> {
  try {
    return (await asRoot("ip", "netns", "pids", namespace)).split("\n").filter(Boolean).map(Number);
  } catch (error) {
    if (String(error).includes("No such file or directory")) return [];
    throw error;
  }
}

/** The host's number of the machine's process 1. Undefined until that is tini, and if the machine does not run. */
export async function initOf(lab: string, role: Role): Promise<number | undefined> {
  return initIn(namespaceOf(lab, role), "tini");
}

/** As `initOf`, for a network namespace and the name of the program that is process 1 once it has started. */
export async function initIn(namespace: string, program: string): Promise<number | undefined> {
  for (const pid of await processesIn(namespace)) {
    const status = await statusOf(pid);
    if (/^NSpid:\t\d+\t1$/m.test(status) && status.startsWith(`Name:\t${program}\n`)) return pid;
  }
  return undefined;
}

/** Kills the processes in a machine's network namespace, and no others: being in it makes a process the lab's. */
export async function ensureEnded(lab: string, role: Role): Promise<void> {
  await until(`the processes of ${namespaceOf(lab, role)} to end`, 30, async () => {
    const processes = await processesIn(namespaceOf(lab, role));
    for (const pid of processes) await endProcess(pid);
    return processes.length === 0;
  });
}

/**
 * Runs a command inside a machine, as its root.
 *
 * @returns stdout
 * @throws Error if the machine does not run or the command fails
 */
export async function inside(lab: string, role: Role, ...argv: CommandLine): Promise<string> {
  const init = await initOf(lab, role);
  if (init === undefined) throw new Error(`lab ${lab}: its ${role} does not run; start it again (make lab)`);
  return asRoot("nsenter", "--target", String(init), "--mount", "--pid", "--ipc", "--uts", "--net", ...argv);
}

/** Content of /proc/<pid>/status; empty if the process has ended. */
async function statusOf(pid: number): Promise<string> {
  try {
    return await readFile(`/proc/${pid}/status`, "utf8");
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === "ENOENT" || code === "ESRCH") return "";
    throw error;
  }
}

/** Kills a process, unless it has ended. */
export async function endProcess(pid: number): Promise<void> {
  try {
    await asRoot("kill", "-s", "KILL", String(pid));
  } catch (error) {
    if (!String(error).includes("No such process")) throw error;
  }
}
