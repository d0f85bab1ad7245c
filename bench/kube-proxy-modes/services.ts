/** From where Services are asked: the node, a pod on it, and a client outside of the cluster. */
export const origins = ["node", "asks", "outside"] as const;

const here = { addresses: ["10.244.0.5"], nodeName: "node", conditions: { ready: true } };
const another = { addresses: ["10.244.1.11"], nodeName: "another", conditions: { ready: true } };
const both = [here, another];

interface Tried {
  readonly name: string;
  readonly title: string;
  readonly protocol: "tcp" | "udp";
  /** Address and port, as often as it is asked. */
  readonly at: readonly string[];
  /** Address that a load balancer gave it. */
  readonly ingress?: string;
  /** Whether each client stays with one pod, whichever that is. */
  readonly stays: boolean;
  /** Where IPVS answers otherwise than the other modes, which docs/network.md says: by from where it is asked. */
  readonly byIpvs: Partial<Readonly<Record<(typeof origins)[number], readonly string[]>>>;
  /** The Service, and its EndpointSlice. */
  readonly objects: readonly object[];
}

function tried(
  title: string,
  address: string,
  endpoints: readonly object[],
  spec: object = {},
  more: Partial<Pick<Tried, "protocol" | "ingress" | "byIpvs">> & { readonly at?: string } = {},
): Tried {
  const { at = `${address} 80`, protocol = "tcp", ingress, byIpvs = {} } = more;
  const name = `service-${address.split(".").at(-1)}`;
  const port = { name: "port", protocol: protocol.toUpperCase() };
  return {
    ...{ name, title, protocol, at: [at], stays: "sessionAffinity" in spec, byIpvs },
    ...(ingress ? { ingress } : {}),
    objects: [
      {
        ...{ apiVersion: "v1", kind: "Service", metadata: { name } },
        spec: { clusterIP: address, ports: [{ ...port, port: 80, targetPort: 8080, ...nodePort(at, spec) }], ...spec },
      },
      {
        ...{ apiVersion: "discovery.k8s.io/v1", kind: "EndpointSlice", addressType: "IPv4", endpoints },
        metadata: { name, labels: { "kubernetes.io/service-name": name } },
        ports: [{ ...port, port: 8080 }],
      },
    ],
  };
}

const nodePort = (at: string, spec: object) =>
  "type" in spec && spec.type === "NodePort" ? { nodePort: Number(at.split(" ")[1]) } : {};
const balanced = { type: "LoadBalancer", allocateLoadBalancerNodePorts: false };

/** Kinds of Services in which modes of kube-proxy could differ. */
export const services: readonly Tried[] = [
  tried("A Service over TCP", "10.96.0.11", both),
  tried("A Service over UDP", "10.96.0.12", both, {}, { protocol: "udp" }),
  tried("A Service whose clients stay with one pod", "10.96.0.13", both, { sessionAffinity: "ClientIP" }),
  tried("A Service without pods", "10.96.0.14", []),
  tried("A port of each node", "10.96.0.15", both, { type: "NodePort" }, { at: "10.20.0.1 30080" }),
  tried("An address of a load balancer", "10.96.0.16", both, balanced, { at: "10.80.0.6 80", ingress: "10.80.0.6" }),
  tried(
    "An address of a load balancer that leads to pods of this node alone",
    "10.96.0.17",
    both,
    { ...balanced, externalTrafficPolicy: "Local" },
    {
      ...{ at: "10.80.0.7 80", ingress: "10.80.0.7" },
      byIpvs: {
        node: ["clientip 10.80.0.7", "hostname 10.244.0.5"],
        asks: ["clientip 10.244.0.6", "hostname 10.244.0.5"],
      },
    },
  ),
  tried(
    "An address of a load balancer for other clients",
    "10.96.0.18",
    both,
    { ...balanced, loadBalancerSourceRanges: ["192.0.2.0/24"] },
    { at: "10.80.0.8 80", ingress: "10.80.0.8" },
  ),
  tried("An external address", "10.96.0.19", both, { externalIPs: ["10.80.0.9"] }, { at: "10.80.0.9 80" }),
  tried("A Service of pods of this node alone", "10.96.0.20", both, { internalTrafficPolicy: "Local" }),
  tried(
    "A Service of pods of this node alone, which has none",
    "10.96.0.21",
    [another],
    { internalTrafficPolicy: "Local" },
    { byIpvs: { node: ["refused"], asks: ["refused"], outside: ["refused"] } },
  ),
];
