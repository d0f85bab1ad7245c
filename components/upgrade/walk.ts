import type { Run } from "../verify/run";

export interface Walk {
  /** Names of nodes: each list is done before the next begins, its nodes at the same time. */
  readonly steps: readonly (readonly string[])[];
  /** Control planes in the cluster, which drain the others and, where there is one alone, itself. */
  readonly controlPlanes: readonly string[];
  /** How long the pods of a node may take to leave it. */
  readonly drainMinutes: number;
  /** Annotation by which a run that was cut off knows a node that it has begun with. */
  readonly note: "kjerne.io/changing" | "kjerne.io/changing-proxy";
  /** What a node has to have before it takes pods again: further input of `upgrade/make-room.sh`. */
  readonly wanted?: { readonly kubelet: string; readonly runtime: string };
  /** Changes one machine, with its lock. */
  readonly change: Run;
  /** Changes a node that has been drained. */
  readonly act: (name: string) => Promise<unknown>;
  /** What a node has in the end: "Kubernetes 1.36.3". */
  readonly what: string;
  /** Progress, a line at a time. */
  readonly say: (line: string) => void;
}

/**
 * Drains nodes, changes them, and lets pods come back, one after the other. Stops at the first that fails.
 *
 * @throws Error with the node, what was done to it, and how to go on
 */
export async function walk({ steps, controlPlanes, drainMinutes, note, wanted, change, act, what, say }: Walk) {
  for (const names of steps) await each(names, takeThere);

  async function takeThere(name: string): Promise<void> {
    const through = controlPlanes.find((other) => other !== name) ?? name;
    const makeRoom = (step: "leave" | "return") =>
      change(
        through,
        "upgrade/make-room.sh",
        JSON.stringify({ name, step, note, minutes: drainMinutes, kubelet: "", runtime: "", ...wanted }),
      );
    say(`upgrade: ${name} is drained`);
    await makeRoom("leave");
    try {
      say(`upgrade: ${name} changes`);
      await act(name);
      await makeRoom("return");
    } catch (error) {
      throw new Error(
        `${(error as Error).message}\n${name} stays cordoned and no other node is touched: mend what is said above, and pulumi up goes on with it`,
      );
    }
    say(`upgrade: ${name} has ${what} and takes pods again`);
  }
}

/** At the same time, each to its end: half a change is worse than a whole one. */
export async function each(names: readonly string[], act: (name: string) => Promise<unknown>): Promise<void> {
  const ended = await Promise.allSettled(names.map(act));
  const reasons = ended.flatMap((one) => (one.status === "rejected" ? [(one.reason as Error).message] : []));
  if (reasons.length > 0) throw new Error(reasons.join("\n"));
}
