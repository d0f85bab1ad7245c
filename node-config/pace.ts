import type { Document } from "yaml";

/**
 * How fast the machines are. `emulated` is for processors played by software: longer deadlines, probes that leave time
 * to answer, no leader election where nobody else can lead.
 */
export type Pace = "bare-metal" | "emulated";

/** kubeadm's waits when each step takes many times as long; it gives up after four minutes by default. */
const emulatedTimeouts = {
  controlPlaneComponentHealthCheck: "15m0s",
  kubeletHealthCheck: "10m0s",
  kubernetesAPICall: "5m0s",
  etcdAPICall: "10m0s",
  tlsBootstrap: "15m0s",
  discovery: "15m0s",
};

/** Leases long enough for a scheduler that is not scheduled for a while (measured with three control planes). */
const emulatedLeases = {
  "leader-elect-lease-duration": "120s",
  "leader-elect-renew-deadline": "90s",
  "leader-elect-retry-period": "15s",
};

/** Sets or leaves out what only slow machines need in an InitConfiguration or JoinConfiguration. */
export function setPace(document: Document, pace: Pace, controlPlane: boolean) {
  if (pace === "bare-metal") return document.delete("timeouts");
  document.set("timeouts", emulatedTimeouts);
  if (controlPlane) document.setIn(["patches", "directory"], "/etc/kubernetes/kjerne/patches");
}

/** A missed lease ends a component. Alone there is nobody to elect; together, leases and heartbeats are longer. */
export function easeControlPlane(cluster: Document, controlPlanes: number) {
  const leases = controlPlanes === 1 ? { "leader-elect": "false" } : emulatedLeases;
  for (const [name, value] of Object.entries(leases)) {
    addArgument(cluster, ["controllerManager", "extraArgs"], name, value);
    addArgument(cluster, ["scheduler", "extraArgs"], name, value);
  }
  // Longer than two leases of a kubelet (easeKubelet): a node that says nothing for a minute is busy.
  addArgument(cluster, ["controllerManager", "extraArgs"], "node-monitor-grace-period", "360s");
  // Collecting garbage less often leaves more of the processor for requests; memory is not what is short.
  for (const component of [["apiServer"], ["controllerManager"], ["scheduler"], ["etcd", "local"]]) {
    cluster.setIn([...component, "extraEnvs"], cluster.createNode([{ name: "GOGC", value: "300" }]));
  }
  // Milliseconds; the election timeout is ten heartbeats (etcd's tuning guide).
  cluster.setIn(["etcd", "local", "extraArgs"], cluster.createNode([]));
  addArgument(cluster, ["etcd", "local", "extraArgs"], "heartbeat-interval", "1000");
  addArgument(cluster, ["etcd", "local", "extraArgs"], "election-timeout", "10000");
  // kubeadm's five seconds mean that etcd and API server talk about each of a hundred idle watches that often.
  addArgument(cluster, ["etcd", "local", "extraArgs"], "watch-progress-notify-interval", "60s");
}

/**
 * Every ten seconds kubelet measures all containers to see whether it must evict one, each through a process of its
 * own: where processors are software that is a good part of what an idle node does. With nothing to evict for it doesn't.
 */
export function easeKubelet(kubelet: Document) {
  kubelet.set("localStorageCapacityIsolation", false);
  kubelet.set(
    "evictionHard",
    kubelet.createNode({
      "memory.available": "0%",
      "nodefs.available": "0%",
      "nodefs.inodesFree": "0%",
      "imagefs.available": "0%",
      "imagefs.inodesFree": "0%",
    }),
  );
  // How often a kubelet reports and for how long it waits for the answer: after ten seconds, the default, it asks again,
  // and where two clusters share two processors the API server then does nothing but what nobody waits for any more.
  kubelet.set("nodeStatusUpdateFrequency", "30s");
  kubelet.set("nodeLeaseDurationSeconds", 160); // renewed in a quarter of it
  // Controllers give the API server ten seconds to answer, end, and are then kept waiting for up to five minutes. Too soon
  // is no good either: starting takes from the processor what the API server lacks.
  kubelet.set("crashLoopBackOff", kubelet.createNode({ maxContainerRestartPeriod: "15s" }));
}

/** Adds one to a list of arguments as kubeadm v1beta4 has them. */
export function addArgument(document: Document, list: string[], name: string, value: string) {
  document.addIn(list, document.createNode({ name, value }, { flow: true }));
}
