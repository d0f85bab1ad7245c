import { readFile } from "node:fs/promises";
import type { LabNodes } from "../../../tools/lab/lab";
import { nativeBase } from "../../../tools/lab/native/base";
import { asRoot } from "../../../tools/run";
import { ensureSupply } from "../../../tools/supply/supply";

/** Native nodes for `startLab`. Makes their base, unless the cache has it. */
export async function nativeNodes(...names: readonly string[]): Promise<LabNodes> {
  const base = await nativeBase(await ensureSupply(console.log), console.log);
  return { native: names.map((name) => ({ name, base, memoryMiB: 1024, hasFabric: true })), onHypervisor: false };
}

/** A server for the mirror, which needs one. */
export const servers = () => [{ name: "web", argv: ["python3", "-m", "http.server", "80", "--directory", __dirname] }];

/** What of this machine a node could change: kernel settings outside of namespaces, and mounts. */
export async function machineSettings(): Promise<readonly string[]> {
  const settings = await asRoot("sysctl", "--all", "--ignore", "--pattern", "^(vm|kernel|fs)\\.");
  const mounts = (await readFile("/proc/self/mounts", "utf8")).split("\n").filter((line) => !line.includes("netns"));
  return [...settings.split("\n").filter((line) => !counted.test(line)), ...mounts];
}

/** Settings that count something, or that the kernel changes by itself. */
const counted =
  /^(fs\.(dentry-state|inode-|file-nr|quota\.|aio-nr)|kernel\.(random\.|ns_last_pid|pty\.nr|hung_task_detect))/;

/** What has changed since `machineSettings` gave `before`. */
export async function changesOf(before: readonly string[]): Promise<string[]> {
  const now = await machineSettings();
  return [...before.filter((line) => !now.includes(line)), ...now.filter((line) => !before.includes(line))];
}
