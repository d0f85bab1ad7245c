import type { KubernetesObject } from "../kubernetes/object";
import { type Allow, type Client, isPods, type Labels, nameOf, type Pods, type Server } from "./allow";

/** One of `networking.k8s.io/v1`. */
export interface NetworkPolicy extends KubernetesObject {
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly spec: object;
}

/** Where the API servers listen: their own addresses, not the service's. */
export interface Api {
  readonly addresses: readonly string[];
  readonly port: number;
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

/** Everything comes in and goes out, whatever denies by default. */
export function allowAll(namespace: string): NetworkPolicy {
  const spec = { podSelector: {}, policyTypes: ["Ingress", "Egress"], ingress: [{}], egress: [{}] };
  return policy(namespace, "allow-all", spec);
}

/** Lets every pod of the namespace resolve names at the cluster's DNS. */
export function allowDns(namespace: string): NetworkPolicy {
  const ports = ["UDP", "TCP"].map((protocol) => ({ protocol, port: 53 }));
  const to = [podsOf({ namespace: "kube-system", labels: { "k8s-app": "kube-dns" } })];
  return policy(namespace, "allow-dns", { podSelector: {}, policyTypes: ["Egress"], egress: [{ to, ports }] });
}

/**
 * Lets every pod reach the API servers, by their own addresses: policies see packets after kube-proxy replaced the
 * Service's.
 */
export function allowApi(namespace: string, { addresses, port }: Api): NetworkPolicy {
  const egress = [{ to: addresses.map(host), ports: [{ protocol: "TCP", port }] }];
  return policy(namespace, "allow-api", { podSelector: {}, policyTypes: ["Egress"], egress });
}

/** The ingress half of an allowed connection, in the namespace of the server. */
export function allowIngress(allow: Allow & { readonly to: Pods }, api: Api): NetworkPolicy {
  const { from, to } = allow;
  const ingress = [{ from: peers(from, api), ports: portsOf(allow) }];
  const name = `allow-${nameOf(from, to)}-to-${nameOf(to, to)}-${suffix(allow)}`;
  return policy(to.namespace, name, { podSelector: selector(to), policyTypes: ["Ingress"], ingress });
}

/** The egress half of an allowed connection, in the namespace of the client: needed where egress is denied. */
export function allowEgress(allow: Allow & { readonly from: Pods }, api: Api): NetworkPolicy {
  const { from, to } = allow;
  const egress = [{ to: peers(to, api), ports: portsOf(allow) }];
  const name = `allow-${nameOf(from, from)}-egress-to-${nameOf(to, from)}-${suffix(allow)}`;
  return policy(from.namespace, name, { podSelector: selector(from), policyTypes: ["Egress"], egress });
}

function policy(namespace: string, name: string, spec: object): NetworkPolicy {
  return { apiVersion, kind, metadata: { name, namespace }, spec };
}

function peers(peer: Client | Server, api: Api): object[] {
  if (isPods(peer)) return [podsOf(peer)];
  if ("cidr" in peer) return [{ ipBlock: { cidr: peer.cidr } }];
  if ("apiServer" in peer) return api.addresses.map(host);
  return [{ namespaceSelector: {}, podSelector: selector(peer) }];
}

function podsOf(pods: Pods) {
  return {
    namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": pods.namespace } },
    podSelector: selector(pods),
  };
}

const host = (address: string) => ({ ipBlock: { cidr: `${address}/32` } });

function selector({ labels }: { readonly labels?: Labels }) {
  return labels ? { matchLabels: labels } : {};
}

function numbers({ port, ports = [] }: Allow): readonly (number | string)[] {
  return port === undefined ? ports : [port, ...ports];
}

function portsOf(allow: Allow): object[] {
  const { protocol = "TCP" } = allow;
  return numbers(allow).map((one) => {
    const [port, endPort] = String(one).split("-").map(Number);
    return { protocol, port, ...(endPort === undefined ? {} : { endPort }) };
  });
}

function suffix(allow: Allow): string {
  return `${(allow.protocol ?? "TCP").toLowerCase()}-${numbers(allow).join("-")}`;
}
