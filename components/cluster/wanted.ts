import { workerFiles } from "../../node-config/exclusive-cpus";
import { isShared } from "../../node-config/fabric";
import { modulesIn } from "../../node-config/modules";
import { nodeFiles } from "../../node-config/node-files";
import { sysctlFiles, sysctlsIn } from "../../node-config/sysctl";
import { systemNamespaces } from "../../node-config/values/denied-namespaces";
import { admissionPolicies } from "../security/admission-policies";
import { clusterDefaultDenyPolicy } from "../security/cluster-default-deny";
import { defaultDenyPolicies } from "../security/default-deny";
import { allowAll } from "../security/network-policies";
import { openingsOf } from "../security/openings";
import {
  type Door,
  fabricNamespace,
  openNamespace,
  probeAllow,
  probeNamespace,
  type Wanted,
  type WantedNode,
  type WantedProbe,
} from "../verify/wanted";
import { apiOf, clusterFacts, fabricFacts, labelsOf } from "./facts";
import { admissionOf } from "./judged-objects";
import { type CompleteClusterArgs, type CompleteNodeSpec, isContainer, isExisting } from "./with-defaults";

/** What the verification must find on the running cluster, from the same files and facts that it was built from. */
export function wantedOf(args: CompleteClusterArgs): Wanted {
  const { kubernetes, calico, hypervisors, network, nodes } = args;
  const facts = clusterFacts("wanted", args);
  const files = nodeFiles(facts, { name: "any", address: "any" }, [], kubernetes.proxy.mode);
  const emulated = hypervisors.filter(({ pool }) => pool.medium === "emulated").map(({ name }) => name);
  return {
    nodes: args.nodes.map((node) => wantedNode(node, args)),
    kubernetesVersion: kubernetes.version,
    proxy: kubernetes.proxy,
    modules: modulesIn(files),
    sysctls: sysctlsIn({ ...files, ...sysctlFiles(kubernetes.sysctlProfiles) }),
    policies: args.defaultDeny.flatMap(({ name }) => {
      const allow = openingsOf(name, args.defaultDeny);
      const { allows, denies } = defaultDenyPolicies({ namespaces: [name], allow, api: apiOf(args) });
      return [...allows, ...denies];
    }),
    ...(args.otherNamespaces === "closed" ? { clusterPolicy: clusterPolicyOf(args) } : {}),
    ...(args.admission
      ? { admission: { policies: policiesOf(args, args.admission), action: args.admission.action } }
      : {}),
    ...(kubernetes.endpoint.by === "vrrp" ? { endpoint: kubernetes.endpoint.address } : {}),
    ...(kubernetes.endpoint.by === "bgp" ? { announcedEndpoint: kubernetes.endpoint.address } : {}),
    ...(calico.reflectors.length > 0 ? { reflectors: calico.reflectors } : {}),
    ...(network.loadBalancerCidrs.length > 0 ? { loadBalancerCidrs: network.loadBalancerCidrs } : {}),
    ...(kubernetes.metricsServer ? { metricsServer: true } : {}),
    ...(args.backup ? { backup: { everyMinutes: args.backup.everyMinutes } } : {}),
    bgpPeers: calico.peers.map(({ name, address, rack }) => {
      const nodes = calico.racks.find((one) => one.name === rack)?.nodes;
      return { name, address, ...(nodes ? { nodes } : {}) };
    }),
    systemNamespaces,
    podCidr: network.podCidr,
    mtu: network.mtu,
    ...(calico.encapsulation ? { encapsulation: calico.encapsulation } : {}),
    ...(network.fabric ? { fabric: { mtu: network.fabric.mtu, kind: network.fabric.kind } } : {}),
    // A processor that software plays starts its clock from one that counts whole seconds.
    clockSeconds: args.virtualisation === "emulated" ? 5 : 1,
    stealPercent: args.virtualisation === "emulated" ? 100 : 5,
    probe: probeOf(args),
    ...(args.verification.landmarks.length > 0 ? { landmarks: args.verification.landmarks } : {}),
    ...(args.verification.everyMinutes ? { everyMinutes: args.verification.everyMinutes } : {}),
    remarks: [
      ...emulated.map(
        (name) => `The pool of ${name} is declared as emulated: nothing here says how fast its disks are.`,
      ),
      ...(network.timeServers.length > 0 || nodes.every(isExisting)
        ? []
        : [
            "network.timeServers is empty: virtual machines start with their hypervisor's clock and nobody corrects it after that.",
          ]),
      ...(network.fabric && !isShared(network.fabric.kind)
        ? [
            `Pods have cards of the fabric, or functions of them, for themselves (${network.fabric.kind}): the verification takes none, and nothing here says what passes there.`,
          ]
        : []),
      ...nodes
        .filter(isContainer)
        .map(
          ({ name }) =>
            `${name} is a system container: kernel, modules, clock, CPU steal, size of the connection table and kernel settings outside net.* are its host's, and nothing here speaks of them.`,
        ),
    ],
  };
}

function policiesOf(args: CompleteClusterArgs, admission: NonNullable<CompleteClusterArgs["admission"]>): string[] {
  return admissionPolicies(admissionOf(args, admission)).map(({ policy }) => policy.metadata.name);
}

function clusterPolicyOf(args: CompleteClusterArgs): NonNullable<Wanted["clusterPolicy"]> {
  const { metadata, spec } = clusterDefaultDenyPolicy({ api: apiOf(args) });
  return { metadata, spec };
}

function wantedNode(node: CompleteNodeSpec, args: CompleteClusterArgs): WantedNode {
  const { network, kubernetes } = args;
  const { timeServers } = network;
  const { name, role, address, taints, volumes = [] } = node;
  const labels = labelsOf(args, node);
  const fabric = fabricFacts(args, node);
  const sysctls = role === "worker" ? sysctlsIn(workerFiles(kubernetes)) : [];
  const chrony = timeServers.length > 0 ? ({ clock: "chrony" } as const) : {};
  return {
    ...{ name, role, address },
    ...(taints ? { taints } : {}),
    ...(labels ? { labels } : {}),
    ...(fabric ? { fabricInterface: fabric.interface } : {}),
    ...(sysctls.length > 0 ? { sysctls } : {}),
    ...(volumes.length > 0 ? { volumes } : {}),
    ...(isContainer(node) ? { container: true } : isExisting(node) ? { clock: "kernel" } : chrony),
    ...(isExisting(node) ? {} : { machine: { cpus: node.cpus, memoryMiB: node.memoryMiB } }),
  };
}

/** Policies as DefaultDeny makes them, for the namespace of the probes. */
function probeOf(args: CompleteClusterArgs): WantedProbe {
  const { from, to, ...port } = probeAllow;
  const pods = (app: string) => ({ namespace: probeNamespace, labels: { app } });
  const { allows, denies } = defaultDenyPolicies({
    namespaces: [probeNamespace],
    allow: [{ from: pods(from), to: pods(to), ...port }],
    api: apiOf(args),
  });
  const closed = defaultDenyPolicies({ namespaces: [fabricNamespace], api: apiOf(args) });
  const onFabric = args.network.fabric ? [...closed.allows, ...closed.denies] : [];
  return {
    image: args.kubernetes.probeImage,
    policies: [...allows, ...denies, ...onFabric, allowAll(openNamespace)],
    doors: doorsOf(args),
  };
}

/**
 * Services of machines with which no pod has business: of each hypervisor, and of one node of each role, for others are
 * like them. The API server's is not among them: pods may ask it.
 */
function doorsOf({ hypervisors, nodes, network }: CompleteClusterArgs): readonly Door[] {
  const ofRole = (role: string) => nodes.filter((node) => node.role === role).slice(0, 1);
  const ports = (node: CompleteNodeSpec) => [
    ["ssh", (isExisting(node) && node.machine.port) || 22] as const,
    ["BGP", 179] as const,
    ...(network.openToPods.includes(10250) ? [] : [["kubelet", 10250] as const]),
    ...(node.role === "control-plane" ? [["etcd", 2379] as const] : []),
  ];
  return [
    ...hypervisors.slice(0, 8).map(({ name, address }) => ({ name: `ssh of hypervisor ${name}`, address, port: 22 })),
    ...[...ofRole("control-plane"), ...ofRole("worker")].flatMap((node) =>
      ports(node).map(([service, port]) => ({ name: `${service} of ${node.name}`, address: node.address, port })),
    ),
  ];
}
