import { isAtLeast, minorOf, type ProxyMode, type Versions } from "./versions";

/** What a Kubernetes release makes of a kube-proxy mode. */
export interface ProxyModeVerdict {
  /** Why the mode must not be used, and what to set instead. Absent: it may be used. */
  readonly refusal?: string;
  /** What the operator should know. */
  readonly warning?: string;
  /** What has to be switched on for it. */
  readonly featureGates?: Readonly<Record<string, boolean>>;
}

/** Judges a mode by `proxyModes` of versions.yaml. */
export function judgeProxyMode(mode: ProxyMode, kubernetes: string, modes: Versions["proxyModes"]): ProxyModeVerdict {
  const { from, deprecatedFrom, gatedFrom, removedFrom, instead } = modes[mode];
  const since = (minor?: string) => minor !== undefined && isAtLeast(minorOf(kubernetes), minor);
  const wayOut = instead ? `set kubernetes.proxy.mode to ${instead}, with a Calico that has it (3.31 or later)` : "";

  if (from && !since(from)) {
    return { refusal: `kube-proxy mode ${mode} needs Kubernetes ${from} or later, not ${kubernetes}; use ipvs` };
  }
  if (since(removedFrom)) {
    return {
      refusal: `kube-proxy mode ${mode} was removed in Kubernetes ${removedFrom}, not usable with ${kubernetes}; ${wayOut}`,
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
