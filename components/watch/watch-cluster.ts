import { type Figure, figures } from "../measure/figures";
import { measuredLandmarks } from "../measure/landmarks";
import { watchNode } from "../measure/watch";
import { watchedConntrack, watchedEtcd, watchedProcessor, watchedProxy, withOthers } from "../measure/watched";
import { asked } from "../verify/read";
import type { Run } from "../verify/run";
import type { Wanted } from "../verify/wanted";

/**
 * Watches what nodes do anyway for some seconds: the part of the report that needs no pods and sends nothing but a
 * connection to each landmark. What could not be read is left out.
 */
export async function watchCluster(wanted: Wanted, run: Run, seconds: number): Promise<Figure[]> {
  const { landmarks = [] } = wanted;
  const mode = { value: wanted.proxy.mode };
  const [watched, etcd] = await Promise.all([
    Promise.all(wanted.nodes.map((node) => watchNode(node, mode, landmarks, seconds, run))),
    Promise.all(
      wanted.nodes.filter(({ role }) => role === "control-plane").map(({ name }) => etcdSinceStart(name, run)),
    ),
  ]);
  const processors = withOthers(watched.map(watchedProcessor));
  return figures({
    nodes: wanted.nodes.map(({ name }, at) => {
      const ask = watched[at] as (typeof watched)[number];
      const processor = processors[at] as (typeof processors)[number];
      return { name, processor, conntrack: watchedConntrack(ask), proxy: watchedProxy(mode, ask) };
    }),
    etcd,
    landmarks: wanted.nodes.flatMap(({ name }, at) =>
      measuredLandmarks(name, landmarks, watched[at] as (typeof watched)[number]),
    ),
  });
}

/** Nobody has etcd write for it. */
async function etcdSinceStart(node: string, run: Run) {
  const input = JSON.stringify({ namespace: "", name: node, writes: 0, seconds: 0 });
  const inRun = { walFsync: { value: null }, backendCommit: { value: null } };
  return { ...watchedEtcd(node, await asked(() => run(node, "report/etcd.sh", input, 120))), ...inRun };
}
