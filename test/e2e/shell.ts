import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { MainInput } from "../../components/verify/main";
import { labFiles } from "../../tools/lab/plan";
import { run } from "../../tools/run";
import { type Stack, stackOutput } from "../../tools/stack";

/** `kubectl` as an operator of the lab runs it, with JSON parsed. */
export async function kubectl<T>(stack: Stack, ...args: readonly string[]): Promise<T> {
  return JSON.parse(await run("kubectl", [...args, "--output", "json"], { env: stack.env })) as T;
}

/** Runs a command as root on a node, by SSH with the host key that the stack pinned. */
export async function onNode(stack: Stack, node: string, command: string): Promise<string> {
  const { targets } = (await stackOutput<MainInput>(stack, "verification")) as MainInput;
  const target = targets[node];
  if (!target) throw new Error(`the stack has no node ${node}`);
  const directory = await mkdtemp(join(tmpdir(), "kjerne-e2e-"));
  try {
    const known = join(directory, "known_hosts");
    await writeFile(known, `${target.host} ${target.hostKey}\n`);
    const options = [`UserKnownHostsFile=${known}`, "StrictHostKeyChecking=yes", "BatchMode=yes"];
    const flags = ["-F", "none", "-i", labFiles(stack.name).sshKey, ...options.flatMap((option) => ["-o", option])];
    return await run("ssh", [...flags, `${target.user}@${target.host}`, `sudo ${command}`]);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** When kubelet and containerd of a node started, and its boot. */
export const startedSince = (stack: Stack, node: string) =>
  onNode(
    stack,
    node,
    "bash -c 'systemctl show --property=ActiveEnterTimestampMonotonic kubelet containerd; cat /proc/sys/kernel/random/boot_id'",
  );

export interface Node {
  readonly metadata: { readonly name: string; readonly labels: Readonly<Record<string, string>> };
  readonly spec: { readonly taints?: readonly { readonly key: string; readonly value?: string }[] };
}
