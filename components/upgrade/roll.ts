import { setTimeout } from "node:timers/promises";
import { type Run, UnreachableError } from "../verify/run";
import { type Observed, planUpgrade, type UpgradeFacts } from "./plan";

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

export interface RollOptions {
  /** Looks at a machine. */
  readonly run: Run;
  /** Changes one, with its lock. */
  readonly change: Run;
  /** How long a control plane that was made a moment ago, and boots, may take to answer; others may be it. */
  readonly bootSeconds: number;
  /** How long to wait before they are asked again. */
  readonly pauseSeconds: number;
  /** Progress, a line at a time. */
  readonly say: (line: string) => void;
}

/**
 * Takes a running cluster to other versions, node by node; does nothing where none is due. Everything that stands in the
 * way is found before the first node is drained, packages and images that are not to be had among it. Stops at the node
 * that fails, and goes on there the next time. Gives what it did in a sentence.
 *
 * @throws Error with all problems, or with the node, what was done to it, and how to go on
 */
export async function roll(
  { facts, software, configurations, from }: RollArgs,
  { run, change, bootSeconds, pauseSeconds, say }: RollOptions,
): Promise<string> {
  const controlPlanes = facts.nodes.filter(({ role }) => role === "control-plane").map(({ name }) => name);
  const observed = await firstAnswers();
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
  for (const names of steps) await each(names, takeThere);
  return `${due.length} nodes have Kubernetes ${facts.version}`;

  /** Of a new cluster every control plane may still boot; of one that runs, others answer for those that don't. */
  async function firstAnswers(): Promise<Record<string, Observed>> {
    const deadline = Date.now() + bootSeconds * 1000;
    for (let waited = false; ; waited = true) {
      const { observed, silent } = await observe();
      if (Object.keys(observed).length > 0) {
        for (const { message } of silent) say(`upgrade: a control plane does not answer: ${message}`);
        return observed;
      }
      if (Date.now() >= deadline)
        throw new Error(
          `no control plane answers, so nobody says which versions the nodes have: ${silent.map(({ message }) => message).join("; ")}`,
        );
      if (!waited) say("upgrade: no control plane answers yet; waits for one that boots");
      await setTimeout(pauseSeconds * 1000);
    }
  }

  async function observe(): Promise<{ observed: Record<string, Observed>; silent: readonly Error[] }> {
    const told = await Promise.allSettled(
      controlPlanes.map(
        async (name) => [name, JSON.parse(await run(name, "upgrade/observe.sh", "")) as Observed] as const,
      ),
    );
    const silent = told.flatMap((one) => (one.status === "rejected" ? [one.reason as Error] : []));
    const failed = silent.find((error) => !(error instanceof UnreachableError));
    if (failed) throw failed;
    return {
      observed: Object.fromEntries(told.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []))),
      silent,
    };
  }

  async function backUp(): Promise<void> {
    say("upgrade: takes a backup of etcd");
    await change(inCluster[0] as string, "kubeadm/back-up.sh", "");
  }

  function fetchTo(name: string): Promise<unknown> {
    return changeNode(name, "fetch").catch((error: Error) => {
      throw new Error(`nothing was changed on any node, for want of what it needs: ${error.message}`);
    });
  }

  async function takeThere(name: string): Promise<void> {
    const through = inCluster.find((other) => other !== name) ?? name;
    const makeRoom = (step: "leave" | "return") => {
      const { version, runtime, drainMinutes: minutes } = facts;
      const wanted = { kubelet: `v${version}`, runtime: runtime ? `containerd://${runtime}` : "" };
      return change(through, "upgrade/make-room.sh", JSON.stringify({ name, step, minutes, ...wanted }));
    };
    say(`upgrade: ${name} is drained`);
    await makeRoom("leave");
    try {
      say(`upgrade: ${name} gets its software`);
      await changeNode(name, "change");
      await makeRoom("return");
    } catch (error) {
      throw new Error(
        `${(error as Error).message}\n${name} stays cordoned and no other node is touched: mend what is said above, and pulumi up goes on with it`,
      );
    }
    say(`upgrade: ${name} has Kubernetes ${facts.version} and takes pods again`);
  }

  function changeNode(name: string, step: "fetch" | "change"): Promise<string> {
    const role = controlPlanes.includes(name) ? "control-plane" : "worker";
    const part = name === inCluster[0] ? "first" : role;
    const configuration = configurations[name];
    const input = { step, part, version: facts.version, configuration, ...software[role], ...from };
    return change(name, "upgrade/change.sh", JSON.stringify(input));
  }

  /** At the same time, each to its end: half a change is worse than a whole one. */
  async function each(names: readonly string[], act: (name: string) => Promise<unknown>): Promise<void> {
    const ended = await Promise.allSettled(names.map(act));
    const reasons = ended.flatMap((one) => (one.status === "rejected" ? [(one.reason as Error).message] : []));
    if (reasons.length > 0) throw new Error(reasons.join("\n"));
  }
}
