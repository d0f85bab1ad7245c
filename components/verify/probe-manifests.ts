import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type ProbePod, transferBytes } from "./probe-plan";
import { fabricNamespace, ownNamespaces, type WantedProbe } from "./wanted";

/** What `node-config/verify/probe.sh` reads. */
export interface ProbeInput {
  readonly namespaces: readonly string[];
  /** Label, `KEY=VALUE`, of the namespaces that a verification made: it deletes no other. */
  readonly label: string;
  /** Created in this order: policies before pods, so that no pod ever runs without them. */
  readonly objects: readonly object[];
  /** What each pod tries once all are Ready. */
  readonly probes: readonly (Pick<ProbePod, "namespace" | "passes" | "carries" | "refused" | "whole"> & {
    pod: string;
  })[];
  /** The script that tries it, run by the pod's own shell. */
  readonly connect: string;
  /**
   * How long a connection that must pass is retried: DNS, routes and policies may take a while after the pod is Ready.
   */
  readonly passSeconds: number;
  /** Timeout of a connection that must be refused. Calico drops packets, so there is never an answer. */
  readonly refuseSeconds: number;
  /** How many bytes a transfer has, each way. */
  readonly transferBytes: number;
  /** How many bytes an echo on the fabric carries, beside 28 of headers; 0 where there is none. */
  readonly echoBytes: number;
  /** How long all of it may take, in seconds. */
  readonly seconds: number;
}

const [labelKey, labelValue] = ["kjerne.io/purpose", "verification"];
/** The API server itself sees to it that no probe can harm the node that it runs on. */
const namespaceLabels = (name: string) => ({
  [labelKey]: labelValue,
  "pod-security.kubernetes.io/enforce": name === fabricNamespace ? "baseline" : "restricted",
});
/** The probes' own ServiceAccount: the default one of a new namespace takes a while to appear. */
const serviceAccountName = "probe";

/** How long the probes may take, from the first pod to the last answer. */
export const probeSeconds = 900;

/** The plan as Kubernetes objects, and the connections that each pod tries. */
export function probeInput(
  plan: readonly ProbePod[],
  { image, policies }: WantedProbe,
  fabricMtu = echoHeaderBytes,
): ProbeInput {
  const used = ownNamespaces.filter((name) => plan.some(({ namespace }) => namespace === name));
  return {
    namespaces: ownNamespaces,
    label: `${labelKey}=${labelValue}`,
    objects: [
      ...used.map((name) => object("v1", "Namespace", { name, labels: namespaceLabels(name) })),
      ...used.map((namespace) => object("v1", "ServiceAccount", { name: serviceAccountName, namespace })),
      ...policies,
      ...services(plan),
      ...plan.map((pod) => podOf(pod, image)),
    ],
    probes: plan.map(({ name, namespace, passes, carries, refused, whole }) => ({
      ...{ pod: name, namespace, passes, carries, refused, whole },
    })),
    connect: readFileSync(join(__dirname, "../../node-config/verify/connect.sh"), "utf8"),
    passSeconds: 300,
    refuseSeconds: 5,
    transferBytes,
    echoBytes: fabricMtu - echoHeaderBytes,
    seconds: probeSeconds,
  };
}

/** Of IPv4 and ICMP. */
const echoHeaderBytes = 28;

/** A Service for each app that answers, with the ports of its pods. */
function services(plan: readonly ProbePod[]): object[] {
  const answering = new Map(plan.filter(({ ports }) => ports.length > 0).map((pod) => [pod.app, pod]));
  return [...answering.values()].map(({ app, namespace, ports }) => ({
    ...object("v1", "Service", { name: app, namespace }),
    spec: { selector: { app }, ports: ports.map((port) => ({ name: `port-${port}`, port })) },
  }));
}

/** A pod with a fixed node and every taint tolerated, so that control planes are probed too. */
function podOf({ name, namespace, app, node, ports, runtimeClassName }: ProbePod, image: string): object {
  const { pod, securityContext } = namespace === fabricNamespace ? sendsEchoes : nobody;
  return {
    ...object("v1", "Pod", { name, namespace, labels: { app, role: "probe" } }),
    spec: {
      nodeName: node,
      ...(runtimeClassName ? { runtimeClassName } : {}),
      tolerations: [{ operator: "Exists" }],
      restartPolicy: "Never",
      // Of what a killed run leaves, no process goes on.
      activeDeadlineSeconds: 2 * probeSeconds,
      terminationGracePeriodSeconds: 0,
      serviceAccountName,
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      securityContext: pod,
      containers: [{ ...answering(ports), name: "probe", image, imagePullPolicy: "IfNotPresent", securityContext }],
    },
  };
}

const seccompProfile = { type: "RuntimeDefault" };
const confined = { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true };
const nobody = {
  pod: { runAsNonRoot: true, runAsUser: 65534, seccompProfile },
  securityContext: { ...confined, capabilities: { drop: ["ALL"] } },
};
/** busybox sends an echo as root alone, by the capability that containerd gives each container. */
const sendsEchoes = { pod: { runAsUser: 0, seccompProfile }, securityContext: confined };

/**
 * agnhost's `porter` answers each HTTP request on the ports that its environment names with the text there. The pod is Ready when it answers on the last of
 * them, which is the port that policies must refuse: so a refusal is never a port without a listener.
 */
function answering(ports: readonly number[]): object {
  const last = ports.at(-1);
  if (last === undefined) return { args: ["pause"] };
  return {
    args: ["porter"],
    env: ports.map((port) => ({ name: `SERVE_PORT_${port}`, value: "x".repeat(transferBytes) })),
    readinessProbe: { tcpSocket: { port: last }, periodSeconds: 1, timeoutSeconds: 5, failureThreshold: 60 },
  };
}

function object(apiVersion: string, kind: string, metadata: object): object {
  return { apiVersion, kind, metadata };
}
