import { isDeepStrictEqual } from "node:util";
import { faultless, judge } from "./judge";
import type { ObservedCluster } from "./observed-cluster";
import type { Check } from "./report";
import type { Wanted } from "./wanted";

const node = "cluster";

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

/** Every pod must be Running and Ready, or Succeeded. */
export function podsRunning(pods: ObservedCluster["pods"]): Check {
  const question = {
    id: "pods-running",
    title: "pods run and are Ready",
    node,
    wanted: "all pods",
    next: "kubectl get pods -A -o wide; kubectl get events -A --sort-by=.lastTimestamp",
  };
  return judge(question, pods, (found) => {
    const down = found.filter(({ phase, ready }) => phase !== "Succeeded" && !(phase === "Running" && ready));
    const faults = down.map(
      (pod) => `${pod.namespace}/${pod.name} on ${pod.node ?? "no node"}: ${pod.phase}, not Ready`,
    );
    return faultless([...faults, ...(found.length ? [] : ["there is no pod"])], `${found.length} pods`);
  });
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

export function poolEncapsulation(pools: ObservedCluster["pools"]): Check {
  const question = {
    id: "pool-encapsulation",
    title: "pools of pod addresses are not encapsulated",
    node,
    wanted: "ipipMode Never, vxlanMode Never",
    next: "kubectl get ippools.crd.projectcalico.org -o yaml",
  };
  return judge(question, pools, (found) => {
    const faults = found.flatMap(({ name, ipipMode = "Never", vxlanMode = "Never" }) => [
      ...(ipipMode === "Never" ? [] : [`${name}: ipipMode ${ipipMode}`]),
      ...(vxlanMode === "Never" ? [] : [`${name}: vxlanMode ${vxlanMode}`]),
    ]);
    return faultless(
      [...faults, ...(found.length ? [] : ["there is no pool"])],
      found.map(({ name }) => name).join(", "),
    );
  });
}
