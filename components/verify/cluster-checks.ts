import { isDeepStrictEqual } from "node:util";
import { type Encapsulation, poolModes } from "../../node-config/encapsulation";
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
  return [
    ...absent.map((taint) => `${name}: taint ${spelled(taint)} is not there`),
    ...leftOver.map((taint) => `${name}: taint ${spelled(taint)} is there and the settings leave it out`),
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

/** Probes show that policies work; this check shows that those of the settings exist unchanged. */
export function policiesStand(wanted: Wanted["policies"], policies: ObservedCluster["policies"]): Check {
  const question = {
    id: "network-policies",
    title: "network policies of the settings stand",
    node,
    wanted: `${wanted.length} policies as they were applied`,
    next: "kubectl get networkpolicies -A; pulumi up --refresh puts back what is missing",
  };
  return judge(question, policies, (found) => {
    const faults = wanted.flatMap(({ metadata: { namespace, name }, spec }) => {
      const there = found.find((candidate) => candidate.namespace === namespace && candidate.name === name);
      if (!there) return [`${namespace}/${name} is not there`];
      return isDeepStrictEqual(there.spec, spec) ? [] : [`${namespace}/${name} was changed`];
    });
    return faultless(faults, `${wanted.length} policies`);
  });
}

/** Probes show that it works in one namespace; this check shows that it leaves none out. */
export function clusterPolicyStands(
  { metadata: { name }, spec }: NonNullable<Wanted["clusterPolicy"]>,
  policies: ObservedCluster["globalPolicies"],
): Check {
  const question = {
    id: "cluster-default-deny",
    title: "every namespace but kube-system is under default deny",
    node,
    wanted: `${name} as it was applied`,
    next: `kubectl get globalnetworkpolicies.crd.projectcalico.org ${name} -o yaml; pulumi up --refresh puts it back`,
  };
  return judge(question, policies, (found) => {
    const there = found.find((candidate) => candidate.name === name);
    if (!there) return { found: `${name} is not there`, passed: false };
    return isDeepStrictEqual(there.spec, spec)
      ? { found: name, passed: true }
      : { found: `${name} was changed`, passed: false };
  });
}

export function privilegedPodRefused(answer: ObservedCluster["privilegedPod"]): Check {
  const question = {
    id: "pod-security",
    title: "a privileged pod with the node's disk is refused in the namespace default",
    node,
    wanted: "refused by PodSecurity",
    next: "kubectl get namespace default --show-labels; sudo grep admission-control /etc/kubernetes/manifests/kube-apiserver.yaml",
  };
  return judge(question, answer, (found) => ({ found, passed: /forbidden: violates PodSecurity/.test(found) }));
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
