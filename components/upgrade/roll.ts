import type { Run } from "../verify/run";
import { firstAnswers, type ObserveOptions } from "./observed";
import { planUpgrade, type UpgradeFacts } from "./plan";
import { each, walk } from "./walk";

export interface RollArgs {
  readonly facts: UpgradeFacts;
  /** What the nodes of a role get: packages as apt takes them, images by digest. */
  readonly software: Readonly<
    Record<
      UpgradeFacts["nodes"][number]["role"],
      { readonly packages: readonly string[]; readonly images: Readonly<Record<string, string>> }
    >
  >;
  /** kubeadm's UpgradeConfiguration, by the node's name. */
  readonly configurations: Readonly<Record<string, string>>;
  /** Where that comes from, and what is held: further input of `machine/software.sh`. */
  readonly from: object;
}

export interface RollOptions extends ObserveOptions {
  /** Changes a machine, with its lock. */
  readonly change: Run;
}

/**
 * Takes a running cluster to other versions, node by node; does nothing where none is due. Everything that stands in the
 * way is found before the first node is drained, packages and images that are not to be had among it. Stops at the node
 * that fails, and goes on there the next time. Gives what it did in a sentence.
 *
 * @throws Error with all problems, or with the node, what was done to it, and how to go on
 */
export async function roll({ facts, software, configurations, from }: RollArgs, options: RollOptions): Promise<string> {
  const { change, say } = options;
  const controlPlanes = facts.nodes.filter(({ role }) => role === "control-plane").map(({ name }) => name);
  const observed = await firstAnswers(controlPlanes, options);
  // One that is still to join has nothing to ask, and is not the first.
  const inCluster = controlPlanes.filter((name) => observed[name]?.cluster);
  const { steps, problems } = planUpgrade(facts, observed);
  if (problems.length > 0) {
    const listed = problems.map((problem) => `\n  ${problem}`).join("");
    throw new Error(`nodes keep the versions that they have, and nothing was changed on any:${listed}`);
  }
  const due = steps.flat();
  if (due.length === 0) return `every node has Kubernetes ${facts.version}, or joins with it`;

  say(
    `upgrade: ${due.length} nodes to Kubernetes ${facts.version}: ${steps.map((names) => names.join(" with ")).join(", then ")}`,
  );
  if (facts.backup === "taken") await backUp();
  await each(due, fetchTo);
  const what = `Kubernetes ${facts.version}`;
  const { version, runtime, drainMinutes } = facts;
  const wanted = { kubelet: `v${version}`, runtime: runtime ? `containerd://${runtime}` : "" };
  const act = (name: string) => changeNode(name, "change");
  await walk({
    steps,
    controlPlanes: inCluster,
    drainMinutes,
    note: "kjerne.io/changing",
    wanted,
    change,
    act,
    what,
    say,
  });
  return `${due.length} nodes have Kubernetes ${facts.version}`;

  async function backUp(): Promise<void> {
    say("upgrade: takes a backup of etcd");
    await change(inCluster[0] as string, "kubeadm/back-up.sh", "");
  }

  function fetchTo(name: string): Promise<unknown> {
    return changeNode(name, "fetch").catch((error: Error) => {
      throw new Error(`nothing was changed on any node, for want of what it needs: ${error.message}`);
    });
  }

  function changeNode(name: string, step: "fetch" | "change"): Promise<string> {
    const role = controlPlanes.includes(name) ? "control-plane" : "worker";
    const part = name === inCluster[0] ? "first" : role;
    const configuration = configurations[name];
    const input = { step, part, version: facts.version, configuration, ...software[role], ...from };
    return change(name, "upgrade/change.sh", JSON.stringify(input));
  }
}
