import { readFile } from "node:fs/promises";
import { labsHere } from "../labs";
import { nodesOf } from "./nodes";

/** What systemd, containerd, kubelet and the control plane of one node take: 29 were counted, 15 on a worker. */
const perNode = 32;

/**
 * Native nodes share this machine's limit of inotify instances, since they share its users. kubelet ends at once where
 * none is left, and the cluster would wait for it in vain.
 *
 * @param wanted Names of the lab's native nodes.
 * @throws Error with what is needed and the command that gives it
 */
export async function expectInotify(lab: string, wanted: readonly string[]): Promise<void> {
  const key = "fs.inotify.max_user_instances";
  const limit = Number(await readFile("/proc/sys/fs/inotify/max_user_instances", "utf8"));
  const others = (await labsHere()).filter((other) => other !== lab);
  const running = (await Promise.all(others.map(nodesOf))).flat().length;
  const needed = (wanted.length + running) * perNode;
  if (limit >= needed) return;
  const beside = running > 0 ? ` beside ${running} of other labs` : "";
  throw new Error(
    `${key} is ${limit} on this machine, and ${wanted.length} native nodes${beside} need ${needed}: ` +
      `sysctl -w ${key}=${Math.max(1024, needed)}, or make lab-down another lab`,
  );
}
