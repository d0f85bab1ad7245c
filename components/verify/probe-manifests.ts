import type { Probe, ProbePlan, ProbePod, ServerPod } from "./probe-plan";
import { openNamespace } from "./probe-plan";
import { probeNamespace, type WantedProbe } from "./wanted";

/** Patience for what must pass: TCP itself tries again while policies and routes reach a new pod. */
const passSeconds = 60;
/** Patience for what must be refused. Calico drops, so nothing ever comes back. */
const refuseSeconds = 5;

/** What `node-config/verify/probe.sh` reads. */
export interface ProbeInput {
  readonly namespaces: readonly object[];
  /** Made and Ready before the first probe starts. */
  readonly servers: readonly object[];
  readonly probes: readonly object[];
  /** How long all of it may take, in seconds. */
  readonly seconds: number;
}

/** The plan as Kubernetes objects. The policies come first, so no pod is ever without them. */
export function probeInput(plan: ProbePlan, { image, policies }: WantedProbe): ProbeInput {
  return {
    namespaces: [probeNamespace, openNamespace].map((name) => object("v1", "Namespace", { name })),
    servers: [...policies, ...plan.servers.flatMap((server) => [serverPod(server, image), service(server)])],
    probes: plan.pods.map((pod) => probePod(pod, image)),
    seconds: 900,
  };
}

function serverPod({ name, node, ports }: ServerPod, image: string): object {
  const containers = ports.map((port) => ({
    ...container(`port-${port}`, image, ["netexec", `--http-port=${port}`, "--udp-port=-1"]),
    readinessProbe: { tcpSocket: { port }, periodSeconds: 1, timeoutSeconds: 5, failureThreshold: 60 },
  }));
  return pod(name, probeNamespace, name, node, { containers });
}

function service({ name, ports }: ServerPod): object {
  const spec = {
    selector: { app: name, role: "server" },
    ports: ports.map((port) => ({ name: `port-${port}`, port })),
  };
  return { ...object("v1", "Service", { name, namespace: probeNamespace }), spec };
}

/**
 * What must pass runs as init containers: each is tried until it succeeds, and only then comes the next. So when
 * something is refused, the same pod was connected and its policies were in force.
 */
function probePod({ name, namespace, app, node, passes, refused }: ProbePod, image: string): object {
  const connect =
    (seconds: number) =>
    ({ id, target }: Probe) =>
      container(id, image, ["connect", target, `--timeout=${seconds}s`]);
  return pod(name, namespace, app, node, {
    initContainers: passes.map(connect(passSeconds)),
    containers: refused.map(connect(refuseSeconds)),
  });
}

/** Placed by node name and tolerating everything: control planes are probed as well. */
function pod(name: string, namespace: string, app: string, node: string, containers: object): object {
  const role = "initContainers" in containers ? "probe" : "server";
  return {
    ...object("v1", "Pod", { name, namespace, labels: { app, role } }),
    spec: {
      nodeName: node,
      tolerations: [{ operator: "Exists" }],
      restartPolicy: "OnFailure",
      terminationGracePeriodSeconds: 0,
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      securityContext: { runAsNonRoot: true, runAsUser: 65534, seccompProfile: { type: "RuntimeDefault" } },
      ...containers,
    },
  };
}

/** A container that leaves its last words in the pod's status, so nothing has to be executed or logged to read them. */
function container(name: string, image: string, args: readonly string[]): object {
  return {
    name,
    image,
    args,
    imagePullPolicy: "IfNotPresent",
    terminationMessagePolicy: "FallbackToLogsOnError",
    securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
  };
}

function object(apiVersion: string, kind: string, metadata: object): object {
  return { apiVersion, kind, metadata };
}
