import { setTimeout } from "node:timers/promises";
import type { ProxyMode } from "../../node-config/versions";
import { type Run, UnreachableError } from "../verify/run";

/** What `upgrade/observe.sh` prints. */
export type Observed =
  | { readonly cluster: false }
  | { readonly cluster: true; readonly apiServer: string; readonly answers: false }
  | Answering;

export interface Answering {
  readonly cluster: true;
  readonly apiServer: string;
  readonly answers: true;
  readonly etcd: boolean;
  /** Whether kube-proxy's pods wait for their nodes, since an earlier run began to give them another mode. */
  readonly proxyIsHeld: boolean;
  readonly nodes: readonly ObservedNode[];
  readonly budgets: readonly string[];
  readonly removed: readonly { readonly resource: string; readonly release: string }[];
}

export interface ObservedNode {
  readonly name: string;
  readonly kubelet: string;
  readonly runtime: string;
  /** Mode of the kube-proxy that runs there; empty where none does. */
  readonly proxy: ProxyMode | "";
  readonly ready: boolean;
  /** Whether an earlier run has begun to change it, and has not let pods come back. */
  readonly changing: boolean;
  /** Whether an earlier run has begun to give it another mode of kube-proxy, likewise. */
  readonly changingProxy: boolean;
}

export interface ObserveOptions {
  /** Looks at a machine. */
  readonly run: Run;
  /** How long a control plane that was made a moment ago, and boots, may take to answer; others may be it. */
  readonly bootSeconds: number;
  /** How long to wait before they are asked again. */
  readonly pauseSeconds: number;
  /** Progress, a line at a time. */
  readonly say: (line: string) => void;
}

/**
 * Asks each control plane, until one answers: of a new cluster every one may still boot; of one that runs, others answer
 * for those that don't. Gives what each told, by its name.
 *
 * @throws Error when none answers
 */
export async function firstAnswers(
  controlPlanes: readonly string[],
  { run, bootSeconds, pauseSeconds, say }: ObserveOptions,
): Promise<Record<string, Observed>> {
  const deadline = Date.now() + bootSeconds * 1000;
  for (let waited = false; ; waited = true) {
    const { observed, silent } = await observe(controlPlanes, run);
    if (Object.keys(observed).length > 0) {
      for (const { message } of silent) say(`upgrade: a control plane does not answer: ${message}`);
      return observed;
    }
    if (Date.now() >= deadline)
      throw new Error(
        `no control plane answers, so nobody says what the nodes have: ${silent.map(({ message }) => message).join("; ")}`,
      );
    if (!waited) say("upgrade: no control plane answers yet; waits for one that boots");
    await setTimeout(pauseSeconds * 1000);
  }
}

async function observe(
  controlPlanes: readonly string[],
  run: Run,
): Promise<{ observed: Record<string, Observed>; silent: readonly Error[] }> {
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
