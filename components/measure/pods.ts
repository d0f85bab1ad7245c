import { defaultDenyPolicies } from "../security/default-deny";
import type { Wanted, WantedNode } from "../verify/wanted";

/** Made for each run and removed after it. */
export const namespace = "kjerne-report";
/** On which pods and nodes answer each other: iperf3's. No rule of a node's doors names it. */
export const port = 5201;
/** A run that was killed leaves its pods for no longer. */
const lifeSeconds = 1200;

const [labelKey, labelValue] = ["kjerne.io/purpose", "report"];
const app = "path";

/** What `node-config/report/pods.sh` reads. */
export interface PodsInput {
  readonly make: boolean;
  readonly namespace: string;
  /** Label, `KEY=VALUE`, of the namespaces that a report made: it deletes no other. */
  readonly label: string;
  readonly objects: readonly object[];
  readonly seconds: number;
}

/** The name of the pod on a node. */
export function podOn({ name }: Pick<WantedNode, "name">): string {
  return `${app}-${name}`;
}

/**
 * A pod on each of the nodes that only waits: its network is what is measured. Policies as DefaultDeny makes them let
 * these pods reach each other on one port, and DNS; so nothing is measured through a door that the settings keep closed.
 */
export function podsInput(wanted: Wanted, nodes: readonly WantedNode[], make: boolean): PodsInput {
  const addresses = wanted.nodes.filter(({ role }) => role === "control-plane").map(({ address }) => address);
  const pods = { namespace, labels: { app } };
  const { allows, denies } = defaultDenyPolicies({
    namespaces: [namespace],
    allow: [{ from: pods, to: pods, port }],
    api: { addresses, port: 6443 },
  });
  const labels = { [labelKey]: labelValue, "pod-security.kubernetes.io/enforce": "restricted" };
  return {
    make,
    namespace,
    label: `${labelKey}=${labelValue}`,
    objects: [
      { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace, labels } },
      { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: app, namespace } },
      ...allows,
      ...denies,
      ...nodes.map((node) => pod(node, wanted.probe.image)),
    ],
    seconds: lifeSeconds,
  };
}

function pod(node: WantedNode, image: string): object {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: podOn(node), namespace, labels: { app } },
    spec: {
      nodeName: node.name,
      tolerations: [{ operator: "Exists" }],
      restartPolicy: "Never",
      activeDeadlineSeconds: lifeSeconds,
      terminationGracePeriodSeconds: 0,
      serviceAccountName: app,
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      securityContext: { runAsNonRoot: true, runAsUser: 65534, seccompProfile: { type: "RuntimeDefault" } },
      containers: [
        {
          name: "waits",
          image,
          imagePullPolicy: "IfNotPresent",
          args: ["pause"],
          securityContext: {
            allowPrivilegeEscalation: false,
            readOnlyRootFilesystem: true,
            capabilities: { drop: ["ALL"] },
          },
        },
      ],
    },
  };
}
