import type { ProxyMode } from "../../node-config/versions";
import type { Run } from "../verify/run";
import { type Answering, firstAnswers, type Observed, type ObserveOptions } from "./observed";
import { budgetProblems, inOrder, nodeProblems, type UpgradeFacts } from "./plan";
import { each, walk } from "./walk";

/** Which mode of kube-proxy the settings want, on which nodes. */
export interface ProxyMoveArgs extends Pick<UpgradeFacts, "nodes" | "workersAtOnce" | "drainMinutes"> {
  readonly mode: ProxyMode;
  /** What `kubeadm/kube-proxy.sh` reads. */
  readonly configuration: string;
}

/**
 * Takes the nodes of a running cluster to another mode of kube-proxy, one after the other, each without pods: while a node
 * goes over, its Services are away for seconds, and connections to them break. Does nothing where every node has the mode.
 * What stands in the way is found before the first node is drained. Gives what it did in a sentence.
 *
 * @throws Error with all problems, or with the node, what was done to it, and how to go on
 */
export async function moveProxy(
  { mode, configuration, ...facts }: ProxyMoveArgs,
  options: ObserveOptions & { /** Changes a machine, with its lock. */ readonly change: Run },
): Promise<string> {
  const { change, say } = options;
  const controlPlanes = facts.nodes.filter(({ role }) => role === "control-plane").map(({ name }) => name);
  const observed = await firstAnswers(controlPlanes, options);
  const cluster = answering(observed);
  const due =
    cluster?.nodes.filter(({ proxy, changingProxy }) => changingProxy || (proxy !== "" && proxy !== mode)) ?? [];
  const steps = inOrder(facts, due);
  const names = steps.flat();
  const inCluster = controlPlanes.filter((name) => observed[name]?.cluster);
  const letGo = () => change(inCluster[0] as string, "kubeadm/kube-proxy.sh", configuration);
  if (!cluster || names.length === 0) {
    if (cluster?.proxyIsHeld) await letGo();
    return `every node has kube-proxy in mode ${mode}, or joins with it`;
  }
  const problems = [
    ...cluster.nodes.filter(({ changingProxy }) => !changingProxy).flatMap((node) => nodeProblems(facts.nodes, node)),
    ...budgetProblems(cluster),
  ];
  if (problems.length > 0) {
    const listed = problems.map((problem) => `\n  ${problem}`).join("");
    throw new Error(`kube-proxy keeps its mode on every node, and nothing was changed:${listed}`);
  }

  say(
    `upgrade: kube-proxy of ${names.length} nodes to mode ${mode}: ${steps.map((one) => one.join(" with ")).join(", then ")}`,
  );
  const onNode = (step: "prepare" | "change") => (name: string) =>
    change(name, "upgrade/another-proxy.sh", JSON.stringify({ step, name, mode }));
  await each(names, onNode("prepare"));
  await change(inCluster[0] as string, "upgrade/hold-kube-proxy.sh", configuration);
  await walk({
    ...{ steps, controlPlanes: inCluster, drainMinutes: facts.drainMinutes, note: "kjerne.io/changing-proxy" },
    ...{ change, act: onNode("change"), what: `kube-proxy in mode ${mode}`, say },
  });
  // Here, and not with the next change of kube-proxy: back in the mode of before, there is none.
  await letGo();
  return `${names.length} nodes have kube-proxy in mode ${mode}`;
}

function answering(observed: Readonly<Record<string, Observed>>): Answering | undefined {
  return Object.values(observed).find((one): one is Answering => one.cluster && one.answers);
}
