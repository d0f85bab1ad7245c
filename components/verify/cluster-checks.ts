import { type Encapsulation, poolModes } from "../../node-config/encapsulation";
import { routesNotSeen } from "../../node-config/taints";
import { both } from "./answers";
import { faultless, judge } from "./judge";
import type { ObservedCluster, ObservedMember } from "./observed-cluster";
import type { Check } from "./report";
import type { Wanted, WantedNode } from "./wanted";

const node = "cluster";
const controlPlaneTaint = "node-role.kubernetes.io/control-plane";

export function nodesReady(wanted: Wanted, nodes: ObservedCluster["nodes"]): Check {
  const version = `v${wanted.kubernetesVersion}`;
  const question = {
    id: "nodes-ready",
    title: "nodes are Ready",
    node,
    wanted: `${wanted.nodes.map(({ name }) => name).join(", ")} with ${version}`,
    next: "kubectl describe nodes",
  };
  return judge(question, nodes, (found) => {
    const faults = wanted.nodes.flatMap(({ name }) => {
      const member = found.find((candidate) => candidate.name === name);
      if (!member) return [`${name} has not joined`];
      const wrongVersion = member.version === version ? [] : [`${name} runs ${member.version}`];
      return [...(member.ready ? [] : [`${name} is not Ready`]), ...wrongVersion];
    });
    return faultless(faults, `${found.length} Ready`);
  });
}

/**
 * Labels and taints of the settings. Others may be there too, whoever set them; but where the settings give taints, they
 * stand in place of kubeadm's own, which keeps workloads off a control plane. A node that has not joined is judged by
 * `nodesReady`.
 */
export function labelsAndTaints(wanted: Wanted, nodes: ObservedCluster["nodes"]): Check {
  const question = {
    id: "labels-and-taints",
    title: "nodes have the labels and taints of the settings",
    node,
    wanted: "each label and taint of the settings, and kubeadm's taint where they give none for a control plane",
    next: "kubectl describe nodes; pulumi up --refresh",
  };
  return judge(question, nodes, (found) => {
    const faults = wanted.nodes.flatMap((one) => {
      const member = found.find(({ name }) => name === one.name);
      return member ? [...labelFaults(one, member), ...taintFaults(one, member)] : [];
    });
    return faultless(faults, `${wanted.nodes.length} nodes`);
  });
}

function labelFaults({ name, labels = {} }: WantedNode, member: ObservedMember): string[] {
  return Object.entries(labels).flatMap(([key, value]) => {
    const there = member.labels[key];
    if (there === value) return [];
    return [`${name}: label ${key}=${value} is ${there === undefined ? "not there" : `${key}=${there}`}`];
  });
}

function taintFaults({ name, role, taints }: WantedNode, member: ObservedMember): string[] {
  const listed: NonNullable<WantedNode["taints"]> =
    taints ?? (role === "control-plane" ? [{ key: controlPlaneTaint, effect: "NoSchedule" }] : []);
  const absent = listed.filter(
    ({ key, value = "", effect }) =>
      !member.taints.some((one) => one.key === key && (one.value ?? "") === value && one.effect === effect),
  );
  const leftOver = member.taints.filter(
    ({ key }) => taints && key === controlPlaneTaint && !listed.some((one) => one.key === key),
  );
  const unseen = member.taints.filter(({ key }) => key === routesNotSeen.key);
  return [
    ...absent.map((taint) => `${name}: taint ${spelled(taint)} is not there`),
    ...leftOver.map((taint) => `${name}: taint ${spelled(taint)} is there and the settings leave it out`),
    ...unseen.map(
      (taint) => `${name}: taint ${spelled(taint)} is there, and pulumi up says why others don't see its routes`,
    ),
  ];
}

function spelled({ key, value, effect }: { key: string; value?: string | null; effect: string }): string {
  return `${key}${value ? `=${value}` : ""}:${effect}`;
}

/** What `kubectl top` and autoscalers are answered. A node that is not Ready has a failed check of its own. */
export function metricsAnswer(nodes: ObservedCluster["nodes"], measured: ObservedCluster["measured"]): Check {
  const question = {
    id: "metrics-answer",
    title: "metrics-server knows CPU and memory of each node that is Ready",
    node,
    wanted: "every Ready node",
    next: "kubectl get apiservice v1beta1.metrics.k8s.io; kubectl --namespace kube-system logs deployment/metrics-server",
  };
  return judge(
    question,
    both(nodes, measured, (nodes, measured) => ({ nodes, measured })),
    ({ nodes, measured }) => {
      const unknown = nodes.filter(({ name, ready }) => ready && !measured.includes(name));
      return faultless(
        unknown.map(({ name }) => `nothing is known of ${name}`),
        measured.join(", "),
      );
    },
  );
}

export function poolEncapsulation(encapsulation: Encapsulation | undefined, pools: ObservedCluster["pools"]): Check {
  const wanted = poolModes(encapsulation);
  const question = {
    id: "pool-encapsulation",
    title: encapsulation
      ? "pools of pod addresses are encapsulated as the settings say"
      : "pools of pod addresses are not encapsulated",
    node,
    wanted: `ipipMode ${wanted.ipipMode}, vxlanMode ${wanted.vxlanMode}`,
    next: "kubectl get ippools.crd.projectcalico.org -o yaml",
  };
  return judge(question, pools, (found) => {
    const faults = found.flatMap(({ name, ipipMode = "Never", vxlanMode = "Never" }) => [
      ...(ipipMode === wanted.ipipMode ? [] : [`${name}: ipipMode ${ipipMode}`]),
      ...(vxlanMode === wanted.vxlanMode ? [] : [`${name}: vxlanMode ${vxlanMode}`]),
    ]);
    return faultless(faults, found.map(({ name }) => name).join(", "));
  });
}

/** Calico gives addresses from every pool that is enabled; without that of the settings, from others alone. */
export function podPool(podCidr: string, pools: ObservedCluster["pools"]): Check {
  const question = {
    id: "pod-pool",
    title: "the pool of network.podCidr gives pod addresses",
    node,
    wanted: podCidr,
    next: "kubectl get ippools.crd.projectcalico.org -o yaml",
  };
  return judge(question, pools, (found) => {
    const pool = found.find(({ cidr }) => cidr === podCidr);
    if (pool) return { found: pool.disabled ? `${pool.name} is disabled` : pool.name, passed: pool.disabled !== true };
    return {
      found: `only ${found.map(({ name, cidr }) => `${name} (${cidr})`).join(", ") || "no pool"}`,
      passed: false,
    };
  });
}
