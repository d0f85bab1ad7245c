import type { KubernetesObject } from "../kubernetes/object";

export type Labels = Readonly<Record<string, string>>;

/** Pods of one namespace: those with these labels, or all of them. */
export interface Pods {
  readonly namespace: string;
  /** @default - every pod of the namespace */
  readonly labels?: Labels;
}

/** Traffic that may pass: who opens the connection, who accepts it, where. */
export interface Allow {
  readonly from: Pods;
  readonly to: Pods;
  readonly port: number;
  /** @default "TCP" */
  readonly protocol?: "TCP" | "UDP" | "SCTP";
}

/** One of `networking.k8s.io/v1`. */
export interface NetworkPolicy extends KubernetesObject {
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly spec: object;
}

const apiVersion = "networking.k8s.io/v1";
const kind = "NetworkPolicy";

/** Nothing comes in and nothing goes out unless another policy allows it. */
export function denyAll(namespace: string): NetworkPolicy {
  return policy(namespace, "default-deny-all", { podSelector: {}, policyTypes: ["Ingress", "Egress"] });
}

/** Nothing comes in unless another policy allows it. */
export function denyIngress(namespace: string): NetworkPolicy {
  return policy(namespace, "default-deny-ingress", { podSelector: {}, policyTypes: ["Ingress"] });
}

/** Lets every pod of the namespace resolve names at the cluster's DNS. */
export function allowDns(namespace: string): NetworkPolicy {
  const ports = ["UDP", "TCP"].map((protocol) => ({ protocol, port: 53 }));
  const to = [peer({ namespace: "kube-system", labels: { "k8s-app": "kube-dns" } })];
  return policy(namespace, "allow-dns", { podSelector: {}, policyTypes: ["Egress"], egress: [{ to, ports }] });
}

/**
 * Lets every pod reach the API servers, by their own addresses: policies see packets after kube-proxy replaced the
 * Service's.
 */
export function allowApi(namespace: string, addresses: readonly string[], port: number): NetworkPolicy {
  const to = addresses.map((address) => ({ ipBlock: { cidr: `${address}/32` } }));
  const egress = [{ to, ports: [{ protocol: "TCP", port }] }];
  return policy(namespace, "allow-api", { podSelector: {}, policyTypes: ["Egress"], egress });
}

/** The ingress half of an allowed connection, in the namespace of the server. */
export function allowIngress({ from, to, port, protocol = "TCP" }: Allow): NetworkPolicy {
  const ingress = [{ from: [peer(from)], ports: [{ protocol, port }] }];
  const name = `allow-${nameOf(from)}-to-${nameOf(to)}-${protocol.toLowerCase()}-${port}`;
  return policy(to.namespace, name, { podSelector: selector(to), policyTypes: ["Ingress"], ingress });
}

/** The egress half of an allowed connection, in the namespace of the client: needed where egress is denied. */
export function allowEgress({ from, to, port, protocol = "TCP" }: Allow): NetworkPolicy {
  const egress = [{ to: [peer(to)], ports: [{ protocol, port }] }];
  const name = `allow-${nameOf(from)}-egress-to-${nameOf(to)}-${protocol.toLowerCase()}-${port}`;
  return policy(from.namespace, name, { podSelector: selector(from), policyTypes: ["Egress"], egress });
}

function policy(namespace: string, name: string, spec: object): NetworkPolicy {
  return { apiVersion, kind, metadata: { name, namespace }, spec };
}

function peer(pods: Pods) {
  return {
    namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": pods.namespace } },
    podSelector: selector(pods),
  };
}

function selector({ labels }: Pods) {
  return labels ? { matchLabels: labels } : {};
}

/** "frontend" from {app: frontend}; the namespace for all of its pods. */
function nameOf({ namespace, labels }: Pods): string {
  const values = Object.values(labels ?? { namespace });
  return values
    .join("-")
    .toLowerCase()
    .replace(/[^a-z0-9-]+/g, "-");
}
