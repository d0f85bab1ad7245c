import { BlockList } from "node:net";
import { systemNamespaces } from "../components/security/default-deny";
import { judgeProxyMode } from "../node-config/proxy-mode";
import { requirePair, versions } from "../node-config/versions";
import type { Settings } from "./schema";

/** What the shape alone cannot tell: one sentence per problem, each with the value, the rule and the way out. */
export function crossChecks(settings: Settings): string[] {
  return [placement, addresses, networks, software, proxyMode, defaultDeny].flatMap((check) => check(settings));
}

function placement({ nodes, hypervisors, virtualisation, kubernetes }: Settings): string[] {
  const known = hypervisors.map((hypervisor) => hypervisor.name);
  const controlPlanes = nodes.filter((node) => node.role === "control-plane");
  return [
    ...repeated([...known, ...nodes.map((node) => node.name)]).map(
      (name) => `${name} is the name of two machines; names are unique across hypervisors and nodes`,
    ),
    ...nodes
      .filter((node) => !known.includes(node.hypervisor))
      .map((node) => `nodes: ${node.name} lies on hypervisor ${node.hypervisor}; choose one of ${known.join(", ")}`),
    ...nodes
      .filter((node) => node.pinnedCpus && node.pinnedCpus.length !== node.cpus)
      .map(
        (node) =>
          `nodes: ${node.name} pins ${node.pinnedCpus?.length} CPUs and has ${node.cpus}; list one host CPU for each`,
      ),
    // kubeadm's own rules, which it would tell when the machine is there: "Before you begin" in its installation guide.
    ...controlPlanes
      .filter((node) => node.cpus < 2)
      .map((node) => `nodes: ${node.name} has ${node.cpus} CPU; kubeadm wants 2 for a control plane: set cpus: 2`),
    ...controlPlanes
      .filter((node) => node.memoryMiB < 2048)
      .map(
        (node) =>
          `nodes: ${node.name} has ${node.memoryMiB} MiB; kubeadm wants 2 GiB for a control plane: set memoryMiB: 2048 or more`,
      ),
    ...(controlPlanes.length % 2 === 1
      ? []
      : [`nodes: there are ${controlPlanes.length} control planes; etcd needs an odd number, 1 or 3`]),
    ...(controlPlanes.length === 1 && controlPlanes[0]?.address !== kubernetes.endpoint.address
      ? [
          `kubernetes.endpoint.address is ${kubernetes.endpoint.address}; with one control plane it is that node's own, ${controlPlanes[0]?.address}`,
        ]
      : []),
    ...hypervisors
      .filter((hypervisor) => hypervisor.pool.medium === "emulated" && virtualisation !== "emulated")
      .map(
        (hypervisor) =>
          `hypervisors: the pool of ${hypervisor.name} is emulated, which only a lab may have; set medium: nvme, or virtualisation: emulated`,
      ),
  ];
}

function addresses({ nodes, hypervisors, network, kubernetes }: Settings): string[] {
  const machines = [...hypervisors, ...nodes];
  const inNodeNetwork = [
    ...nodes.map((node) => ({ what: `nodes: the address of ${node.name}`, address: node.address })),
    { what: "network.gateway", address: network.gateway },
    { what: "kubernetes.endpoint.address", address: kubernetes.endpoint.address },
  ];
  return [
    ...repeated(machines.map((machine) => machine.address)).map(
      (address) => `${address} is the address of two machines; each has its own`,
    ),
    ...inNodeNetwork
      .filter(({ address }) => !contains(network.nodeCidr, address))
      .map(
        ({ what, address }) => `${what} is ${address}, outside network.nodeCidr ${network.nodeCidr}; choose one inside`,
      ),
  ];
}

function networks({ network }: Settings): string[] {
  const all = [
    ["nodeCidr", network.nodeCidr],
    ["podCidr", network.podCidr],
    ["serviceCidr", network.serviceCidr],
  ] as const;
  return all.flatMap(([name, cidr], i) =>
    all
      .slice(i + 1)
      .filter(([, other]) => overlap(cidr, other))
      .map(
        ([otherName, other]) =>
          `network.${name} ${cidr} overlaps network.${otherName} ${other}; choose disjoint networks`,
      ),
  );
}

function software({ kubernetes, network }: Settings): string[] {
  try {
    requirePair(kubernetes.version, network.calico.version);
    return [];
  } catch (error) {
    return [(error as Error).message];
  }
}

function proxyMode({ kubernetes, network }: Settings): string[] {
  const { mode } = kubernetes.proxy;
  const { refusal } = judgeProxyMode(mode, kubernetes.version, versions.proxyModes, network.calico.version);
  return refusal ? [`kubernetes.proxy.mode: ${refusal}`] : [];
}

function defaultDeny({ defaultDeny }: Settings): string[] {
  return defaultDeny.flatMap(({ namespace }, at) =>
    systemNamespaces.includes(namespace)
      ? [
          `defaultDeny[${at}].namespace (${namespace}): the cluster itself runs there and would be cut off; remove the entry, and name only namespaces of your own`,
        ]
      : [],
  );
}

function repeated(values: readonly string[]): string[] {
  return [...new Set(values.filter((value, i) => values.indexOf(value) !== i))];
}

function contains(cidr: string, address: string): boolean {
  const [network = "", prefix] = cidr.split("/");
  const list = new BlockList();
  list.addSubnet(network, Number(prefix));
  return list.check(address);
}

function overlap(a: string, b: string): boolean {
  return contains(a, b.split("/")[0] ?? "") || contains(b, a.split("/")[0] ?? "");
}
