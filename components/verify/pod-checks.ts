import { both } from "./answers";
import { faultless, judge } from "./judge";
import type { ObservedCluster, Pod } from "./observed-cluster";
import type { Check } from "./report";
import type { Wanted } from "./wanted";

const node = "cluster";

/** What kubeadm runs on each control plane, as static pods. */
const ofControlPlanes = ["kube-apiserver", "kube-controller-manager", "kube-scheduler", "etcd"];
/** Deployments without which no pod gets an address or a name. */
const deployments = ["coredns", "calico-kube-controllers"];

/**
 * Every pod of the system namespaces that has to go on must be Ready. Those that have ended (evicted, replaced, the runs
 * of a Job) and those that leave decide nothing: `systemRunning` sees whether another one took their place. Nor do those
 * on a node that is not Ready: `nodesReady` names it.
 */
export function podsRunning(wanted: Wanted, cluster: ObservedCluster): Check {
  const question = {
    id: "pods-running",
    title: "the system's pods run and are Ready",
    node,
    wanted: `all pods in ${wanted.systemNamespaces.join(", ")} that have not ended`,
    next: "kubectl get pods -A -o wide; kubectl get events -A --sort-by=.lastTimestamp",
  };
  const lost = lostNodes(cluster);
  return judge(question, cluster.pods, (found) => {
    const system = found.filter(
      (pod) => isOfSystem(wanted, pod) && !isJobs(pod) && hasToRun(pod) && !lost.has(pod.node ?? ""),
    );
    const down = system.filter((pod) => !isUp(pod));
    return faultless([...down.map(described), ...(system.length ? [] : ["there is no pod"])], `${system.length} pods`);
  });
}

/** What must be there for the cluster to work, whoever made which pod. */
export function systemRunning(wanted: Wanted, cluster: ObservedCluster): Check {
  const question = {
    id: "system-running",
    title: "calico-node and kube-proxy run on every node, and each part of the control plane",
    node,
    wanted: `calico-node, kube-proxy on ${wanted.nodes.length} nodes; ${ofControlPlanes.join(", ")} on control planes; ${deployments.join(", ")} with all replicas`,
    next: "kubectl get pods -n kube-system -o wide; kubectl get daemonsets,deployments -A",
  };
  const lost = lostNodes(cluster);
  const known = both(cluster.pods, cluster.workloads, (pods, workloads) => ({ pods, workloads }));
  return judge(question, known, ({ pods, workloads }) => {
    const up = pods.filter((pod) => pod.namespace === "kube-system" && isUp(pod));
    const reachable = wanted.nodes.filter(({ name }) => !lost.has(name));
    const faults = reachable.flatMap(({ name, role }) =>
      [
        ...["calico-node", "kube-proxy"].filter(
          (set) => !up.some((pod) => pod.node === name && pod.owner === `DaemonSet/${set}`),
        ),
        ...(role === "control-plane" ? ofControlPlanes : []).filter(
          (part) => !up.some((pod) => pod.node === name && pod.name === `${part}-${name}`),
        ),
      ].map((part) => `no Ready ${part} on ${name}`),
    );
    const system = workloads.filter(({ namespace }) => wanted.systemNamespaces.includes(namespace));
    const short = system
      .filter((workload) => workload.ready < workload.wanted)
      .map(({ namespace, name, ready, wanted }) => `${namespace}/${name}: ${ready} of ${wanted} replicas Ready`);
    const absent = deployments.filter(
      (name) => !system.some((one) => one.namespace === "kube-system" && one.name === name && one.wanted > 0),
    );
    return faultless([...faults, ...short, ...absent.map((name) => `kube-system/${name} has no replicas`)], "all");
  });
}

/** Nodes of which the API server says that they are not Ready. */
function lostNodes({ nodes }: ObservedCluster): ReadonlySet<string> {
  return new Set("value" in nodes ? nodes.value.filter(({ ready }) => !ready).map(({ name }) => name) : []);
}

/** Neither ended nor leaving. */
export function hasToRun({ phase, terminatingSeconds }: Pod): boolean {
  return phase !== "Succeeded" && phase !== "Failed" && terminatingSeconds === null;
}

/** A run of a Job, a CronJob's included: it ends, and its Job starts the next. */
export function isJobs({ owner }: Pod): boolean {
  return owner.startsWith("Job/");
}

export function isOfSystem({ systemNamespaces }: Wanted, { namespace }: Pod): boolean {
  return systemNamespaces.includes(namespace);
}

export function isUp({ phase, ready }: Pod): boolean {
  return phase === "Running" && ready;
}

/** As in `shop/web-1 on worker1: Running, not Ready (CrashLoopBackOff)`. */
export function described(pod: Pod): string {
  const reason = pod.reason ? ` (${pod.reason})` : "";
  const state = pod.phase === "Failed" ? "Failed" : `${pod.phase}, not Ready`;
  return `${pod.namespace}/${pod.name} on ${pod.node ?? "no node"}: ${state}${reason}`;
}
