import { documentsIn, hasDocument } from "../kubernetes/documents";
import { type ClusterObject, holds, nameOf, objectsIn } from "../kubernetes/objects";
import { hasPods, podsIn } from "../kubernetes/pods";
import { at, entriesAt, itemsAt, judged } from "../reading";
import { type Finding, type Resource, type Rule, unknown, type Value } from "../rule";
import { isListed, judgePod } from "./baseline";
import type { Hardening } from "./parameters";

const link = "https://kubernetes.io/docs/concepts/security/pod-security-standards/";
const enforce = "pod-security.kubernetes.io/enforce";

/** With this label the API server refuses privileged pods itself, those that no Pulumi program makes included. */
export const podSecurity: Rule<Hardening> = {
  id: "SEC-09",
  name: "pod-security",
  title: "Every namespace for workloads enforces a level of the Pod Security Standards.",
  basis: [
    {
      kind: "guidance",
      text: "Without a label a namespace takes any pod, privileged ones too (CIS Kubernetes Benchmark 5.2.1).",
      link: "https://kubernetes.io/docs/concepts/security/pod-security-admission/",
      date: "2026-11-20",
    },
  ],
  reviewBy: "2027-11-01",
  severity: "high",
  reads: [`Namespace: metadata.labels["${enforce}"]`, "AdmissionConfiguration: PodSecurity defaults.enforce"],
  scope: "together",
  appliesTo: (resource) => holds(resource, "/Namespace") || hasDocument(resource, "AdmissionConfiguration"),
  check(resources, { systemNamespaces, podSecurityLevels }) {
    const defaults = clusterDefault(resources);
    return objectsIn(resources, "/Namespace")
      .filter((namespace) => !systemNamespaces.some(({ name }) => name === nameOf(namespace)))
      .map(({ urn, prefix, content }) => {
        const labels = entriesAt(content, "metadata.labels");
        const own = labels.find(({ name }) => name === enforce || name === "")?.value;
        return judged(urn, `${prefix}metadata.labels["${enforce}"]`, own ?? defaults, {
          allows: (level) => podSecurityLevels.includes(level as "baseline"),
          allowed: podSecurityLevels.join(" or "),
          reason: "The cluster takes any pod there, one that owns the node too.",
          wayOut: `Set the label ${enforce} to ${podSecurityLevels.join(" or ")}.`,
        });
      });
  },
};

/** Pods that can take over their node. Host ports and the host network are judged by NET-06 in the network pack. */
export const privilegedPods: Rule<Hardening> = {
  id: "SEC-11",
  name: "privileged-pods",
  title:
    "No pod has a way to the node but those that a list names: privileged, host namespaces, host paths, capabilities.",
  basis: [{ kind: "guidance", text: "Pod Security Standards, level baseline.", link, date: "2026-11-20" }],
  reviewBy: "2027-11-01",
  severity: "high",
  reads: [
    "pods: hostPID, hostIPC, volumes[].hostPath, securityContext, annotations of AppArmor",
    "containers: securityContext, hosts of probes",
    "PersistentVolume: spec.hostPath, spec.local.path",
  ],
  scope: "each",
  appliesTo: (resource) => hasPods(resource) || holds(resource, persistentVolume),
  check: (resources, parameters) => [
    ...podsIn(resources)
      .filter((pod) => !isListed(pod, parameters))
      .flatMap(judgePod),
    ...objectsIn(resources, persistentVolume).map(judgeVolume),
  ],
};

const persistentVolume = "/PersistentVolume";

/** Where administrators mount disks (Filesystem Hierarchy Standard): nothing of the node's own lies there. */
const forDisks = /^\/(mnt|srv)\/(?!.*\.\.)/;

/** A pod gets to such a path by a claim, without a word of it in its own spec. */
function judgeVolume({ urn, prefix, content }: ClusterObject): Finding {
  const hostPath = at(content, "spec.hostPath");
  const field = hostPath === undefined ? "spec.local.path" : "spec.hostPath.path";
  return judged(urn, prefix + field, hostPath === undefined ? at(content, field) : (at(content, field) ?? null), {
    allows: (path) => path === undefined || (hostPath === undefined && typeof path === "string" && forDisks.test(path)),
    allowed: "spec.local with a path below /mnt or /srv",
    reason: "Whoever claims the volume has that part of the node.",
    wayOut: "Mount a disk below /mnt and name it in spec.local.path.",
  });
}

/** The level that the API server enforces in a namespace without the label. */
function clusterDefault(resources: readonly Resource[]): Value | undefined {
  const plugins = documentsIn(resources, "AdmissionConfiguration").flatMap(({ content }) =>
    itemsAt(content, "plugins"),
  );
  const found = plugins.filter(({ item }) => item === unknown || at(item, "name") === "PodSecurity");
  return at(found[0]?.item, "configuration.defaults.enforce");
}
