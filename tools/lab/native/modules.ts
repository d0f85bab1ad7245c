import { existsSync } from "node:fs";
import { release } from "node:os";
import { readTree } from "../../../node-config/file-set";
import { modulesIn } from "../../../node-config/modules";
import { asRoot } from "../../run";

/**
 * Loads the kernel modules that nodes load at boot, which native nodes may not: their kernel is this machine's. A kernel
 * without loadable modules has them built in, or not at all.
 */
export async function ensureModules(say: (line: string) => void): Promise<void> {
  if (!existsSync(`/lib/modules/${release()}`)) return;
  const missing = modulesIn(readTree("common")).filter((module) => !existsSync(`/sys/module/${module}`));
  if (missing.length === 0) return;
  await asRoot("modprobe", "--all", ...missing);
  say(`loaded kernel modules for native nodes: ${missing.join(", ")}; they stay until this machine boots again`);
}
