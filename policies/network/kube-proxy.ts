import { type ConfigDocument, documentsIn, hasDocument } from "../kubernetes/documents";
import { holds, objectsIn } from "../kubernetes/objects";
import { containersOf, hasPods, podsIn } from "../kubernetes/pods";
import { at, itemsAt, judged } from "../reading";
import { type Finding, type Resource, type Rule, unknown, type Value } from "../rule";
import type { Network } from "./parameters";

const component = "kjerne:network:KubeProxy";
const controlPlane = "kjerne:cluster:ControlPlane";
const document = "KubeProxyConfiguration";

/**
 * The cluster's Kubernetes release has the mode. If a later release removes it, the finding warns of that.
 *
 * `node-config/proxy-mode.ts` decides the same when a cluster is set up. It stays apart from this rule on purpose: a
 * judge does not take over the decisions of the code that it judges.
 */
export const proxyMode: Rule<Network> = {
  id: "NET-08",
  name: "proxy-mode",
  title: "kube-proxy runs in a mode that this Kubernetes release supports.",
  basis: [
    {
      kind: "technical",
      text: "IPVS is deprecated since Kubernetes 1.35, behind a feature gate from 1.40 and removed in 1.43.",
      link: "https://github.com/kubernetes/enhancements/issues/5495",
      date: "2026-11-20",
    },
  ],
  reviewBy: "2027-05-01",
  severity: "medium",
  reads: [
    "KubeProxyConfiguration in commands and ConfigMaps: mode, featureGates",
    "kjerne:network:KubeProxy: mode",
    "ClusterConfiguration: kubernetesVersion; kjerne:cluster:ControlPlane: kubernetesVersion",
  ],
  scope: "together",
  appliesTo: (resource) =>
    [component, controlPlane].includes(resource.type) || hasDocument(resource, document, "ClusterConfiguration"),
  check(resources, { proxyModes }) {
    const version = versionOf(resources);
    return proxiesIn(resources).map((proxy) => judgeMode(proxy, version, proxyModes));
  },
};

/** Only the node that announces a service address answers ARP requests for it. */
export const strictArp: Rule<Network> = {
  id: "NET-09",
  name: "strict-arp",
  title: "In IPVS mode, where service addresses are announced, only the node that announces one answers ARP for it.",
  basis: [
    {
      kind: "technical",
      text: "In IPVS mode every node holds every service address, and without strictARP answers ARP for all of them.",
      link: "https://metallb.io/installation/#preparation",
      date: "2026-11-20",
    },
  ],
  reviewBy: "2027-11-01",
  severity: "medium",
  reads: [
    "KubeProxyConfiguration: ipvs.strictARP; kjerne:network:KubeProxy: strictArp",
    "projectcalico.org BGPConfiguration: spec.serviceLoadBalancerIPs, spec.serviceExternalIPs, spec.serviceClusterIPs",
    "metallb.io L2Advertisement; pods with vip_arp",
  ],
  scope: "together",
  appliesTo: (resource) => resource.type === component || hasDocument(resource, document) || announces(resource),
  check: (resources) =>
    resources.some(announces)
      ? proxiesIn(resources)
          .filter(({ mode }) => mode === "ipvs" || mode === unknown)
          .map(judgeStrictArp)
      : [],
};

/** One configuration of kube-proxy, from a file or from a component. */
interface Proxy {
  readonly urn: string;
  readonly prefix: string;
  readonly arp: string;
  readonly mode: Value | undefined;
  readonly strictArp: Value | undefined;
  readonly gate: Value | undefined;
}

function proxiesIn(resources: readonly Resource[]): Proxy[] {
  const stated: Proxy[] = resources
    .filter(({ type }) => type === component)
    .map(({ urn, properties }) => ({
      ...{ urn, prefix: "", arp: "strictArp", mode: at(properties, "mode"), strictArp: at(properties, "strictArp") },
      gate: true, // the component sets it in releases that need it
    }));
  const written: Proxy[] = documentsIn(resources, document).map(({ urn, property, content }: ConfigDocument) => ({
    ...{ urn, prefix: `${property}: `, arp: "ipvs.strictARP", mode: at(content, "mode") },
    strictArp: at(content, "ipvs.strictARP"),
    gate: at(content, "featureGates.KubeProxyIPVS"),
  }));
  return [...stated, ...written];
}

/** The cluster's Kubernetes version as `[1, 36]`; unknown if it is stated nowhere, or in two places differently. */
function versionOf(resources: readonly Resource[]): readonly number[] | typeof unknown {
  const stated = [
    ...documentsIn(resources, "ClusterConfiguration").map(({ content }) => at(content, "kubernetesVersion")),
    ...resources
      .filter(({ type }) => type === controlPlane)
      .map(({ properties }) => at(properties, "kubernetesVersion")),
  ];
  const minors = new Set(
    stated.map((text) => (typeof text === "string" ? /^v?(\d+\.\d+)/.exec(text)?.[1] : undefined)),
  );
  const [only] = minors;
  return minors.size === 1 && only !== undefined ? only.split(".").map(Number) : unknown;
}

function judgeMode(
  { urn, prefix, mode, gate }: Proxy,
  version: readonly number[] | typeof unknown,
  modes: Network["proxyModes"],
): Finding {
  const field = `${prefix}mode`;
  const known = typeof mode === "string" ? modes[mode] : undefined;
  if (mode === unknown || version === unknown) {
    const reason = `${mode === unknown ? "The mode" : "The Kubernetes version"} is not known, or not said the same everywhere.`;
    return { urn, field, state: "unverifiable", reason, wayOut: "Say kubernetesVersion and mode as plain values." };
  }
  const reached = (minor?: string) => minor !== undefined && !isBefore(version, minor.split(".").map(Number));
  const instead = known?.instead ?? "iptables";
  const allows = () =>
    known !== undefined &&
    (known.from === undefined || reached(known.from)) &&
    !reached(known.removedFrom) &&
    (!reached(known.gatedFrom) || gate === true);
  const finding = judged(urn, field, mode, {
    allows,
    allowed: `a mode that Kubernetes ${version.join(".")} has: ${Object.keys(modes).join(", ")}`,
    reason: `Kubernetes ${version.join(".")} does not run kube-proxy in this mode as it is set up.`,
    wayOut: `Set the mode to ${instead}, with a Calico that has it (3.31 or later).`,
  });
  if (finding.state !== "shown" || !reached(known?.deprecatedFrom)) return finding;
  const reason = `It is deprecated since Kubernetes ${known?.deprecatedFrom} and gone in ${known?.removedFrom}.`;
  return { ...finding, reason, wayOut: `Plan the way to ${instead}, with a Calico that has it (3.31 or later).` };
}

function isBefore([major = 0, minor = 0]: readonly number[], [otherMajor = 0, otherMinor = 0]: readonly number[]) {
  return major < otherMajor || (major === otherMajor && minor < otherMinor);
}

function announces(resource: Resource): boolean {
  if (holds(resource, "metallb.io/L2Advertisement")) return true;
  const fields = ["serviceLoadBalancerIPs", "serviceExternalIPs", "serviceClusterIPs"];
  const byBgp = objectsIn([resource], "projectcalico.org/BGPConfiguration").some(({ content }) =>
    fields.some((field) => itemsAt(content, `spec.${field}`).length > 0),
  );
  return byBgp || (hasPods(resource) && podsIn([resource]).flatMap(containersOf).some(isKubeVip));
}

/** kube-vip, which answers ARP requests if `vip_arp` is set. */
function isKubeVip({ container }: { container: Value }): boolean {
  return itemsAt(container, "env").some(({ item }) => at(item, "name") === "vip_arp" && at(item, "value") !== "false");
}

function judgeStrictArp({ urn, prefix, arp, strictArp }: Proxy): Finding {
  return judged(urn, `${prefix}${arp}`, strictArp, {
    allows: (value) => value === true,
    allowed: "true",
    reason: "Service addresses are announced, and every node would answer for them.",
    wayOut: "Set strictARP to true in KubeProxyConfiguration (kjerne: kubernetes.proxy.strictArp).",
  });
}
