import type { Ask, Reading } from "../verify/answers";
import { asked } from "../verify/read";
import { type Run, textOf } from "../verify/run";
import type { Landmark, WantedNode } from "../verify/wanted";

/** Watches a node's processors, connection table and kube-proxy, and times landmarks from it. */
export function watchNode(
  { name, container }: WantedNode,
  proxyMode: Reading<string>,
  landmarks: readonly Landmark[],
  seconds: number,
  run: Run,
): Promise<Ask> {
  const mode = "value" in proxyMode ? proxyMode.value : "";
  return watchMachine(name, { own: container ? "cgroup" : "", proxyMode: mode, landmarks, seconds }, run);
}

/** Watches a hypervisor's processors, and what its virtual machines use of them. */
export function watchHost(name: string, seconds: number, run: Run): Promise<Ask> {
  return watchMachine(name, { own: "qemu", proxyMode: "", landmarks: [], seconds }, run);
}

interface Watched {
  readonly own: "cgroup" | "qemu" | "";
  readonly proxyMode: string;
  readonly landmarks: readonly Landmark[];
  readonly seconds: number;
}

async function watchMachine(name: string, { landmarks, ...watched }: Watched, run: Run): Promise<Ask> {
  const input = {
    ...watched,
    processor: await textOf("report/processor.py"),
    landmarks: landmarks.map(({ address, port }) => `${address}:${port}`),
    roundTrips: await textOf("report/round-trips.py"),
  };
  return asked(() => run(name, "report/watch.sh", JSON.stringify(input), watched.seconds + 300));
}
