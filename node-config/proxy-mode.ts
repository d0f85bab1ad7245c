import { type ClusterFacts, type NodeFacts, type ProxyFacts, renderKubeProxy } from "./kubeadm";
import { isAtLeast, minorOf, type ProxyMode, type Versions, versions } from "./versions";

/** Whether a kube-proxy mode may be used with given versions, and what it needs. */
export interface ProxyModeVerdict {
  /** Why the mode must not be used, and what to set instead. Absent: it may be used. */
  readonly refusal?: string;
  /** What the operator should plan for. Absent: nothing. */
  readonly warning?: string;
  /** Feature gates that kube-proxy needs for the mode. Absent: none. */
  readonly featureGates?: Readonly<Record<string, boolean>>;
}

/**
 * Judges a kube-proxy mode by `proxyModes` of versions.yaml. The rule in policies/network/kube-proxy.ts judges the same
 * on its own, on purpose: if it called this function, it would repeat its mistakes instead of catching them.
 *
 * @param kubernetes Kubernetes release, such as "1.36.3".
 * @param calico Calico's version, such as "3.32.2". @default - not known, and not judged
 */
export function judgeProxyMode(
  mode: ProxyMode,
  kubernetes: string,
  modes: Versions["proxyModes"],
  calico?: string,
): ProxyModeVerdict {
  const { from, calicoFrom, deprecatedFrom, gatedFrom, removedFrom, instead } = modes[mode];
  const since = (minor?: string) => minor !== undefined && isAtLeast(minorOf(kubernetes), minor);
  const wayOut = instead ? `set kubernetes.proxy.mode to ${instead}${withCalico(modes[instead].calicoFrom)}` : "";

  if (from && !since(from)) {
    return { refusal: `kube-proxy mode ${mode} needs Kubernetes ${from} or later, not ${kubernetes}; use ipvs` };
  }
  if (since(removedFrom)) {
    return {
      refusal: `kube-proxy mode ${mode} was removed in Kubernetes ${removedFrom}, not usable with ${kubernetes}; ${wayOut}`,
    };
  }
  if (calico && calicoFrom && !isAtLeast(minorOf(calico), calicoFrom)) {
    return {
      refusal: `kube-proxy mode ${mode} needs Calico ${calicoFrom} or later, not ${calico}; choose such a Calico, or another mode`,
    };
  }
  if (since(deprecatedFrom)) {
    return {
      warning: `kube-proxy mode ${mode} is deprecated since Kubernetes ${deprecatedFrom} and gone in ${removedFrom}; when you leave it: ${wayOut}`,
      ...(since(gatedFrom) && mode === "ipvs" ? { featureGates: { KubeProxyIPVS: true } } : {}),
    };
  }
  return {};
}

/** What `kubeadm/kube-proxy.sh` reads, with the feature gates that the mode needs. */
export function proxyConfiguration(
  facts: ClusterFacts,
  node: NodeFacts,
  proxy: Omit<ProxyFacts, "featureGates">,
): string {
  const { featureGates } = judgeProxyMode(proxy.mode, facts.kubernetesVersion, versions.proxyModes);
  return renderKubeProxy(facts, node, { ...proxy, featureGates });
}

function withCalico(calicoFrom?: string): string {
  return calicoFrom ? `, with a Calico that has it (${calicoFrom} or later)` : "";
}
