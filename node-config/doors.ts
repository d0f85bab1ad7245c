import { isIP } from "node:net";
import { type FileSet, file, merge, readTree } from "./file-set";

/** Who has business with the nodes' own services; the same for every node of a cluster. Addresses are IPv4. */
export interface DoorFacts {
  readonly podCidr: string;
  readonly serviceCidr: string;
  /** Of Services of type LoadBalancer. @default - none */
  readonly loadBalancerCidrs?: readonly string[];
  readonly nodeCidr: string;
  /** Their addresses: only they ask kubelets and etcd. */
  readonly controlPlanes: readonly string[];
  /** Ports of the API server, and of what stands before it. */
  readonly apiPorts: readonly number[];
  /** BGP peers beside the nodes. */
  readonly routers: readonly string[];
  readonly hypervisors: readonly string[];
  /** The API server's, where control planes announce it: outside of the nodes' network. @default - it is in there */
  readonly endpoint?: string;
  readonly nameservers: readonly string[];
  /** IPv4 and IPv6 networks from which sshd is reached. @default - none named: everybody but pods and other nodes */
  readonly operators: readonly string[];
  /** Nodes that reach the sshd of others: control planes that verify the cluster. @default - none */
  readonly verifiers?: readonly string[];
  /** Ports of nodes that pods may ask, TCP and UDP. */
  readonly openToPods: readonly number[];
}

/** kubeadm's range of NodePorts: what listens there is a Service's. */
const nodePorts = "30000-32767";
/** Everybody but neighbours on the link, who may be nodes. */
const anybody = ["0.0.0.0/0", "2000::/3", "fc00::/7"];
/** nft takes no empty set. Nothing comes from there: what does, comes by lo. */
const nobody = { 4: "127.0.0.1/32", 6: "::1/128" } as const;

/** The table of nftables that closes a node's own services, and what loads it. */
export function doorFiles(facts: DoorFacts): FileSet {
  return merge(readTree("doors"), file("/etc/kjerne/doors/facts.nft", definitions(facts)));
}

function definitions(facts: DoorFacts): string {
  const operators = facts.operators.length > 0 ? facts.operators : anybody;
  const of = (family: 4 | 6) => operators.filter((network) => isIP(network.split("/")[0] as string) === family);
  const sets: Readonly<Record<string, readonly (string | number)[]>> = {
    pod_network: [facts.podCidr],
    service_networks: [facts.serviceCidr, ...[...(facts.loadBalancerCidrs ?? [])].sort()],
    node_network: [facts.nodeCidr],
    control_planes: [...facts.controlPlanes].sort(),
    routers: some([...facts.routers].sort(), 4),
    verifiers: some([...(facts.verifiers ?? [])].sort(), 4),
    hypervisors: some([...facts.hypervisors].sort(), 4),
    endpoint: some(facts.endpoint ? [facts.endpoint] : [], 4),
    nameservers: some(facts.nameservers, 4),
    operators_ipv4: some(of(4), 4),
    operators_ipv6: some(of(6), 6),
    open_to_pods: [...new Set([...facts.apiPorts, ...facts.openToPods])]
      .sort((a, b) => a - b)
      .map(String)
      .concat(nodePorts),
  };
  return Object.entries(sets)
    .map(([name, elements]) => `define ${name} = { ${elements.join(", ")} }\n`)
    .join("");
}

function some(elements: readonly string[], family: 4 | 6): readonly string[] {
  return elements.length > 0 ? elements : [nobody[family]];
}
