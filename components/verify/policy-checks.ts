import { isDeepStrictEqual } from "node:util";
import { faultless, judge } from "./judge";
import type { ObservedCluster } from "./observed-cluster";
import type { Check } from "./report";
import type { Wanted } from "./wanted";

const node = "cluster";

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

/** Nobody misses a policy that is gone, bound to another action, or that lets pass what it can't judge. */
export function objectsJudged(
  { policies, action }: NonNullable<Wanted["admission"]>,
  admission: ObservedCluster["admission"],
): Check {
  const [first, does] = action === "deny" ? (["Deny", "refuses"] as const) : (["Warn", "warns of"] as const);
  const question = {
    id: "admission-policies",
    title: `the API server ${does} objects that break a rule of the policy packs`,
    node,
    wanted: `${policies.length} policies bound to ${first}, with failurePolicy Fail`,
    next: "kubectl get validatingadmissionpolicies,validatingadmissionpolicybindings; pulumi up --refresh puts back what is missing",
  };
  return judge(question, admission, (found) => {
    const faults = policies.flatMap((name) => {
      const [one, ...others] = found.filter(({ policy }) => policy === name);
      if (!one) return [`${name} is bound to nothing`];
      if (one.failurePolicy === "") return [`${name} is not there`];
      const actions = [one, ...others].flatMap((binding) => binding.actions);
      return [
        ...(actions.includes(first) ? [] : [`${name} is bound to ${actions.join(", ")}`]),
        ...(one.failurePolicy === "Fail" ? [] : [`${name} has failurePolicy ${one.failurePolicy}`]),
      ];
    });
    return faultless(faults, `${policies.length} policies`);
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
