import type { ControlPlane } from "./control-plane";

/** How the containers of a pod end: by container, an exit code with its last words, or "runs". */
export type Ends = (pod: string, container: string) => { exitCode: number; message: string } | "runs";

interface Pod {
  readonly metadata: { name: string; namespace: string; labels?: Record<string, string> };
  readonly spec: { containers: { name: string }[]; initContainers?: { name: string }[] };
  readonly status: { phase?: string };
}

/**
 * Plays the kubelets of a control plane that has no nodes: tells of every pod with a `role` how its containers went.
 * `finished` ends it.
 */
export async function playKubelet({ kubectl }: ControlPlane, ends: Ends, finished: Promise<unknown>): Promise<void> {
  let done = false;
  const stop = () => {
    done = true;
  };
  finished.then(stop, stop);
  while (!done) {
    const { items }: { items: Pod[] } = JSON.parse(await kubectl(["get", "pods", "-A", "-l", "role", "-o", "json"]));
    for (const pod of items.filter(({ status }) => status.phase === "Pending")) {
      const { name, namespace } = pod.metadata;
      const patch = JSON.stringify({ status: statusOf(pod, ends) });
      // A pod that was removed meanwhile has no status to tell.
      const target = ["pod", name, "--namespace", namespace, "--subresource=status", "--type=merge"];
      await kubectl(["patch", ...target, "--patch", patch]).catch((error: Error) => {
        if (!/NotFound|not found/.test(error.message)) throw error;
      });
    }
  }
}

function statusOf(pod: Pod, ends: Ends) {
  const told = (containers: { name: string }[] = []) =>
    containers.map(({ name }) => {
      const end = ends(pod.metadata.name, name);
      const common = { name, image: "agnhost", imageID: "agnhost", ready: end === "runs" };
      if (end === "runs") return { ...common, restartCount: 0, state: { running: {} } };
      const ended = { terminated: { ...end, reason: end.exitCode ? "Error" : "Completed" } };
      // What failed was started again and waits for its next turn.
      const waiting = { waiting: { reason: "CrashLoopBackOff" } };
      return end.exitCode
        ? { ...common, restartCount: 2, state: waiting, lastState: ended }
        : { ...common, restartCount: 0, state: ended };
    });
  const init = told(pod.spec.initContainers);
  const failed = init.findIndex(({ restartCount }) => restartCount > 0);
  const stuck = failed >= 0;
  const ready = { type: "Ready", status: pod.metadata.labels?.role === "server" ? "True" : "False" };
  return {
    phase: "Running",
    conditions: [ready],
    initContainerStatuses: stuck ? init.slice(0, failed + 1) : init,
    containerStatuses: stuck ? [] : told(pod.spec.containers),
  };
}
