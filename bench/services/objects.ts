/** What every size has in common: where Services, their endpoints and the node are. */
export const network = { serviceCidr: "10.96.0.0/16", podCidr: "10.244.0.0/16", node: "10.20.0.1", endpointPort: 9000 };

/** Numbers of Services, each measured; the larger ones hold the smaller. */
export const sizes = [100, 1000, 5000, 10_000] as const;

/** Lowest address of a network of 16 bits, plus 256 and a number: no two Services have the same. */
const address = (prefix: string, at: number) => `${prefix}.${1 + Math.floor(at / 250)}.${1 + (at % 250)}`;

/** A Service with one endpoint, and its EndpointSlice. Every second one is UDP, the others TCP. */
export function service(at: number): object[] {
  const [name, protocol] = [`service-${at}`, at % 2 === 0 ? "UDP" : "TCP"];
  return [
    {
      ...{ apiVersion: "v1", kind: "Service", metadata: { name } },
      spec: {
        clusterIP: address("10.96", at),
        ports: [{ name: "port", protocol, port: 80, targetPort: network.endpointPort }],
      },
    },
    {
      ...{ apiVersion: "discovery.k8s.io/v1", kind: "EndpointSlice", addressType: "IPv4" },
      metadata: { name, labels: { "kubernetes.io/service-name": name } },
      ports: [{ name: "port", protocol, port: network.endpointPort }],
      endpoints: [{ addresses: [address("10.244", at)], nodeName: "another", conditions: { ready: true } }],
    },
  ];
}

/** The node that kube-proxy runs on. */
export const node = {
  ...{ apiVersion: "v1", kind: "Node", metadata: { name: "node" }, spec: { podCIDR: "10.244.0.0/24" } },
  status: { addresses: [{ type: "InternalIP", address: network.node }] },
};
