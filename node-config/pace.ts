import type { Document } from "yaml";

/**
 * How fast the machines are. `emulated` is for processors that QEMU emulates in software: longer timeouts, probes that
 * leave more time to answer, no leader election with a single control plane.
 */
export type Pace = "bare-metal" | "emulated";

/** kubeadm's timeouts for machines where each step takes many times as long. The defaults are one to five minutes. */
const emulatedTimeouts = {
  controlPlaneComponentHealthCheck: "15m0s",
  kubeletHealthCheck: "10m0s",
  kubernetesAPICall: "5m0s",
  etcdAPICall: "10m0s",
  tlsBootstrap: "15m0s",
  discovery: "15m0s",
};

/** Leases that a component still renews in time after waiting for a processor (measured with three control planes). */
const emulatedLeases = {
  "leader-elect-lease-duration": "120s",
  "leader-elect-renew-deadline": "90s",
  "leader-elect-retry-period": "15s",
};

/** Where patches of control planes on emulated processors lie: the tree `emulated/`. */
export const patchesDirectory = "/etc/kubernetes/kjerne/patches";

/** Sets what emulated machines need in an InitConfiguration or JoinConfiguration, and removes it for others. */
export function setPace(document: Document, pace: Pace, controlPlane: boolean) {
  if (pace === "bare-metal") return document.delete("timeouts");
  document.set("timeouts", emulatedTimeouts);
  if (controlPlane) document.setIn(["patches", "directory"], patchesDirectory);
}

/**
 * Settings of control planes on emulated processors. A component exits when it misses its leader-election lease: with
 * one control plane leader election is off, with more the leases are longer.
 */
export function easeControlPlane(cluster: Document, controlPlanes: number) {
  const leases = controlPlanes === 1 ? { "leader-elect": "false" } : emulatedLeases;
  for (const [name, value] of Object.entries(leases)) {
    addArgument(cluster, ["controllerManager", "extraArgs"], name, value);
    addArgument(cluster, ["scheduler", "extraArgs"], name, value);
  }
  // After its definitions have come, Calico's objects wait for the schema of all kinds: the API server works on it longer
  // than the minute after which it gives a request up.
  addArgument(cluster, ["apiServer", "extraArgs"], "request-timeout", "5m0s");
  // Longer than two of kubelet's leases (easeKubelet): a node that is silent for a minute is busy, not gone.
  addArgument(cluster, ["controllerManager", "extraArgs"], "node-monitor-grace-period", "360s");
  // Go collects garbage less often: that leaves processor time for requests and costs memory, which is not scarce.
  for (const component of [["apiServer"], ["controllerManager"], ["scheduler"], ["etcd", "local"]]) {
    cluster.setIn([...component, "extraEnvs"], cluster.createNode([{ name: "GOGC", value: "300" }]));
  }
  // In milliseconds; etcd's tuning guide recommends ten heartbeats for the election timeout.
  cluster.setIn(["etcd", "local", "extraArgs"], cluster.createNode([]));
  addArgument(cluster, ["etcd", "local", "extraArgs"], "heartbeat-interval", "1000");
  addArgument(cluster, ["etcd", "local", "extraArgs"], "election-timeout", "10000");
  // kubeadm sets five seconds: etcd would notify the API server that often on each of about a hundred idle watches.
  addArgument(cluster, ["etcd", "local", "extraArgs"], "watch-progress-notify-interval", "60s");
}

/**
 * Settings of kubelet on emulated processors. To find out whether it must evict a pod, kubelet measures each container
 * every ten seconds, each in a process of its own: a good part of an idle node's load. Without thresholds for eviction
 * and without limits on local storage it does not measure.
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
  // How often kubelet reports its status, and how long it waits for the answer. With the default of ten seconds it asks
  // again too soon: where two clusters share two processors, the API server then spends its time on requests whose
  // clients have already timed out.
  kubelet.set("nodeStatusUpdateFrequency", "30s");
  kubelet.set("nodeLeaseDurationSeconds", 160); // kubelet renews it after a quarter of this time
  // A controller exits when the API server does not answer within ten seconds, and kubelet then delays its restart by
  // up to five minutes. Too short a delay is no good either: a start takes processor time that the API server needs.
  kubelet.set("crashLoopBackOff", kubelet.createNode({ maxContainerRestartPeriod: "15s" }));
}

/** Adds an argument to a list of `name` and `value`, the form of kubeadm's v1beta4. */
export function addArgument(document: Document, list: string[], name: string, value: string) {
  document.addIn(list, document.createNode({ name, value }, { flow: true }));
}
