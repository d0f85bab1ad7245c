import { readFile } from "node:fs/promises";
import { cpus, release } from "node:os";

/** The machine that a benchmark ran on. */
export function thisMachine() {
  const all = cpus();
  return { processors: all.length, model: all[0]?.model ?? "unknown", kernel: release() };
}

/** Time that hypervisors took from this machine so far, and all time, in ticks: proc(5), `stat`. */
export async function stolen(): Promise<{ steal: number; all: number }> {
  const [, ...ticks] = ((await readFile("/proc/stat", "utf8")).split("\n")[0] ?? "").split(/\s+/);
  const counted = ticks.slice(0, 8).map(Number); // guest time, behind these, is in user time already
  return { steal: counted[7] ?? 0, all: counted.reduce((sum, one) => sum + one, 0) };
}
