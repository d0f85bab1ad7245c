import { readFileSync } from "node:fs";
import { join } from "node:path";
import { openNamespace, type Probe, type ProbePod } from "./probe-plan";
import { probeNamespace, type WantedProbe } from "./wanted";

/** What `node-config/verify/probe.sh` reads. */
export interface ProbeInput {
  readonly namespaces: readonly string[];
  /** Made in this order: policies before pods, so no pod is ever without them. */
  readonly objects: readonly object[];
  /** What each pod tries once all are Ready. */
  readonly probes: readonly { pod: string; namespace: string; passes: readonly Probe[]; refused: readonly Probe[] }[];
  /** The script that tries it, run by the pod's own shell. */
  readonly connect: string;
  /** How long what must pass is tried: names, routes and policies come when what serves them is up. */
  readonly passSeconds: number;
  /** How long what must be refused is waited for. Calico drops, so nothing ever comes back. */
  readonly refuseSeconds: number;
  /** How long all of it may take, in seconds. */
  readonly seconds: number;
}

const namespaces = [probeNamespace, openNamespace];
/** Of its own, for the one that every namespace has takes a while to appear. */
const serviceAccountName = "probe";

/** The plan as Kubernetes objects, and what is tried in them. */
export function probeInput(plan: readonly ProbePod[], { image, policies }: WantedProbe): ProbeInput {
  return {
    namespaces,
    objects: [
      ...namespaces.map((name) => object("v1", "Namespace", { name })),
      ...namespaces.map((namespace) => object("v1", "ServiceAccount", { name: serviceAccountName, namespace })),
      ...policies,
      ...services(plan),
      ...plan.map((pod) => podOf(pod, image)),
    ],
    probes: plan.map(({ name, namespace, passes, refused }) => ({ pod: name, namespace, passes, refused })),
    connect: readFileSync(join(__dirname, "../../node-config/verify/connect.sh"), "utf8"),
    passSeconds: 300,
    refuseSeconds: 5,
    seconds: 900,
  };
}

/** One for each app that answers, with the ports of its pods. */
function services(plan: readonly ProbePod[]): object[] {
  const ports = new Map(plan.filter(({ ports }) => ports.length > 0).map(({ app, ports }) => [app, ports]));
  return [...ports].map(([app, numbers]) => ({
    ...object("v1", "Service", { name: app, namespace: probeNamespace }),
    spec: { selector: { app }, ports: numbers.map((port) => ({ name: `port-${port}`, port })) },
  }));
}

/** Placed by node name and tolerating everything: control planes are probed as well. */
function podOf({ name, namespace, app, node, ports }: ProbePod, image: string): object {
  return {
    ...object("v1", "Pod", { name, namespace, labels: { app, role: "probe" } }),
    spec: {
      nodeName: node,
      tolerations: [{ operator: "Exists" }],
      restartPolicy: "Never",
      terminationGracePeriodSeconds: 0,
      serviceAccountName,
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      securityContext: { runAsNonRoot: true, runAsUser: 65534, seccompProfile: { type: "RuntimeDefault" } },
      containers: [{ ...answering(ports), name: "probe", image, imagePullPolicy: "IfNotPresent", securityContext }],
    },
  };
}

const securityContext = { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } };

/**
 * agnhost's `porter` answers on the ports of its environment. Ready is who answers on the last: it is the one that must
 * be refused, while the first has to pass.
 */
function answering(ports: readonly number[]): object {
  const last = ports.at(-1);
  if (last === undefined) return { args: ["pause"] };
  return {
    args: ["porter"],
    env: ports.map((port) => ({ name: `SERVE_PORT_${port}`, value: "here" })),
    readinessProbe: { tcpSocket: { port: last }, periodSeconds: 1, timeoutSeconds: 5, failureThreshold: 60 },
  };
}

function object(apiVersion: string, kind: string, metadata: object): object {
  return { apiVersion, kind, metadata };
}
