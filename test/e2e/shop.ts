/**
 * A Service whose two pods are on different nodes and end only when others know, and a budget: what a careful team deploys.
 *
 * @param available Pods that have to stay; 2 lets none go.
 * @param balanced Whether clients beside the cluster reach it too, by an address of its own.
 */
export function shop(image: string, available: number, balanced = false): object[] {
  const labels = { app: "till" };
  const metadata = { name: "till", namespace: "shop", labels };
  const securityContext = {
    runAsNonRoot: true,
    runAsUser: 65534,
    allowPrivilegeEscalation: false,
    capabilities: { drop: ["ALL"] },
    seccompProfile: { type: "RuntimeDefault" },
  };
  const container = {
    name: "till",
    image,
    args: ["netexec", "--http-port=8080", "--udp-port=-1"],
    ports: [{ containerPort: 8080 }],
    readinessProbe: { httpGet: { path: "/hostname", port: 8080 }, periodSeconds: 1 },
    // Until kube-proxy of each node has heard that it ends.
    lifecycle: { preStop: { sleep: { seconds: 10 } } },
    securityContext,
  };
  const spread = {
    maxSkew: 1,
    topologyKey: "kubernetes.io/hostname",
    whenUnsatisfiable: "DoNotSchedule",
    // Among nodes that take pods now, so that while one is drained both may be on the other.
    nodeTaintsPolicy: "Honor",
    labelSelector: { matchLabels: labels },
  };
  return [
    { apiVersion: "v1", kind: "Namespace", metadata: { name: "shop" } },
    {
      apiVersion: "networking.k8s.io/v1",
      kind: "NetworkPolicy",
      metadata,
      spec: { podSelector: {}, policyTypes: ["Ingress"], ingress: [{ ports: [{ port: 8080 }] }] },
    },
    {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata,
      spec: {
        replicas: 2,
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: { containers: [container], topologySpreadConstraints: [spread] } },
      },
    },
    {
      apiVersion: "v1",
      kind: "Service",
      metadata,
      spec: { selector: labels, ports: [{ port: 80, targetPort: 8080 }], ...(balanced ? byItsOwnAddress : {}) },
    },
    {
      apiVersion: "policy/v1",
      kind: "PodDisruptionBudget",
      metadata,
      spec: { minAvailable: available, selector: { matchLabels: labels } },
    },
  ];
}

/** A node that has no pod of it is told to no router, so that pods see who asks. */
const byItsOwnAddress = {
  type: "LoadBalancer",
  allocateLoadBalancerNodePorts: false,
  externalTrafficPolicy: "Local",
};
