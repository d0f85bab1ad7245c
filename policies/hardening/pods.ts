import { documentsIn, hasDocument } from "../kubernetes/documents";
import { holds, nameOf, namespaceOf, objectsIn } from "../kubernetes/objects";
import { containersOf, hasPods, type Pod, podsIn } from "../kubernetes/pods";
import { at, type Demand, entriesAt, itemsAt, judged } from "../reading";
import { type Finding, type Resource, type Rule, unknown, type Value } from "../rule";
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
    "Outside the system's namespaces no pod has a way to the node: privileged, host namespaces, host paths, capabilities.",
  basis: [{ kind: "guidance", text: "Pod Security Standards, level baseline.", link, date: "2026-11-20" }],
  reviewBy: "2027-11-01",
  severity: "high",
  reads: [
    "pods: hostPID, hostIPC, volumes[].hostPath, securityContext",
    "containers: securityContext.privileged, capabilities.add, procMount, seccompProfile, windowsOptions",
  ],
  scope: "each",
  appliesTo: hasPods,
  check: (resources, { systemNamespaces }) =>
    podsIn(resources)
      .filter(({ owner }) => !systemNamespaces.some(({ name }) => name === namespaceOf(owner)))
      .flatMap((pod) => [
        ...judgePod(pod),
        ...containersOf(pod).flatMap(({ field, container }) => judgeContainer(pod, field, container)),
      ]),
};

const wayOut = "Take it out; what really has to own the node belongs in a namespace of the parameter systemNamespaces.";
const off: Demand = { allows: (value) => value === undefined || value === false, allowed: "false", wayOut };
const absent: Demand = {
  allows: (value) => value === undefined,
  allowed: "no path of the node",
  wayOut,
  confidential: true,
};
const confined: Demand = {
  allows: (value) => value !== "Unconfined",
  allowed: "RuntimeDefault or Localhost",
  wayOut,
};

/** Capabilities that level `baseline` of the Pod Security Standards allows. */
const harmless = new Set(
  "AUDIT_WRITE CHOWN DAC_OVERRIDE FOWNER FSETID KILL MKNOD NET_BIND_SERVICE SETFCAP SETGID SETPCAP SETUID SYS_CHROOT".split(
    " ",
  ),
);

function judgePod({ owner: { urn }, prefix, spec }: Pod): Finding[] {
  const shared = ["hostPID", "hostIPC", "securityContext.windowsOptions.hostProcess"];
  return [
    ...shared.map((field) => judged(urn, prefix + field, at(spec, field), off)),
    judged(
      urn,
      `${prefix}securityContext.seccompProfile.type`,
      at(spec, "securityContext.seccompProfile.type"),
      confined,
    ),
    ...itemsAt(spec, "volumes").map(({ field, item }) =>
      judged(urn, `${prefix}${field}.hostPath`, at(item, "hostPath"), absent),
    ),
  ];
}

function judgeContainer({ owner: { urn } }: Pod, field: string, container: Value): Finding[] {
  const context = at(container, "securityContext");
  const prefix = `${field}.securityContext.`;
  return [
    judged(urn, `${prefix}privileged`, at(context, "privileged"), off),
    judged(urn, `${prefix}windowsOptions.hostProcess`, at(context, "windowsOptions.hostProcess"), off),
    judged(urn, `${prefix}seccompProfile.type`, at(context, "seccompProfile.type"), confined),
    judged(urn, `${prefix}procMount`, at(context, "procMount"), {
      allows: (value) => value === undefined || value === "Default",
      allowed: "Default",
      wayOut,
    }),
    ...itemsAt(context, "capabilities.add").map(({ field: capability, item }) =>
      judged(urn, `${prefix}${capability}`, item, {
        allows: (name) => harmless.has(name as string),
        allowed: "capabilities of the level baseline",
        wayOut,
      }),
    ),
  ];
}

/** The level that the API server enforces in a namespace without the label. */
function clusterDefault(resources: readonly Resource[]): Value | undefined {
  const plugins = documentsIn(resources, "AdmissionConfiguration").flatMap(({ content }) =>
    itemsAt(content, "plugins"),
  );
  const found = plugins.filter(({ item }) => item === unknown || at(item, "name") === "PodSecurity");
  return at(found[0]?.item, "configuration.defaults.enforce");
}
