import type { Encapsulation } from "../../node-config/encapsulation";
import type { FabricKind } from "../../node-config/fabric";
import type { Taint } from "../../node-config/taints";
import type { ProxyMode } from "../../node-config/versions";
import type { VolumeSpec } from "../../node-config/volumes";

/**
 * The value that a kernel setting must have while everything runs. Several numbers are separated by spaces, as `sysctl`
 * does.
 */
export interface WantedSysctl {
  readonly key: string;
  readonly value: string;
  /** Whether a greater value passes: a floor only ever raises the value. @default false - exactly `value` */
  readonly atLeast?: boolean;
}

/** One machine of the cluster. */
export interface WantedNode {
  readonly name: string;
  readonly role: "control-plane" | "worker";
  /** Its own address: other nodes' pod routes lead there, and the interface that holds it is its NIC. */
  readonly address: string;
  /** Whether it is a system container: what is its host's is not judged. @default false */
  readonly container?: boolean;
  /** Taints of the settings. @default - kubeadm's own, which keeps workloads off control planes */
  readonly taints?: readonly Taint[];
  /** Labels of the settings; others may be there too. @default - none */
  readonly labels?: Readonly<Record<string, string>>;
  /** Its card on the fabric. @default - none: pods that ask for the fabric do not come here */
  readonly fabricInterface?: string;
  /** Kernel settings of this node beside those of all. @default - none */
  readonly sysctls?: readonly WantedSysctl[];
  /**
   * Who must say that the clock is synchronised: chrony, where the settings give it servers, or the kernel, whoever
   * disciplines it. @default - nobody is asked: a system container has its host's clock
   */
  readonly clock?: "chrony" | "kernel";
  /** Directories that pods claim. @default - none: nothing is asked */
  readonly volumes?: readonly VolumeSpec[];
  /** What a virtual machine has from its next start on. @default - not known: kjerne did not make the machine */
  readonly machine?: { readonly cpus: number; readonly memoryMiB: number };
}

/** The kernel settings that one node must have. */
export function sysctlsOf({ sysctls }: Pick<Wanted, "sysctls">, node: Pick<WantedNode, "sysctls">): WantedSysctl[] {
  return [...sysctls, ...(node.sysctls ?? [])];
}

/** A NetworkPolicy of `networking.k8s.io/v1`. */
export interface WantedPolicy {
  readonly metadata: { readonly namespace: string; readonly name: string };
  readonly spec: object;
}

/** What the verification expects of the running cluster: plain values, decided before anything runs. */
export interface Wanted {
  /** Every node. The first control plane in the list that answers reads from the API server. */
  readonly nodes: readonly WantedNode[];
  /** Kubernetes release of every node, such as `1.36.3`. */
  readonly kubernetesVersion: string;
  /** How kube-proxy must run. The scheduler counts for IPVS only. */
  readonly proxy: { readonly mode: ProxyMode; readonly scheduler: string };
  /** Kernel modules that must be loaded on every node. */
  readonly modules: readonly string[];
  readonly sysctls: readonly WantedSysctl[];
  /** Network policies that must be there as they were applied. Others may be there too. */
  readonly policies: readonly WantedPolicy[];
  /**
   * Calico's GlobalNetworkPolicy by which every namespace is under default deny; where it is, none without a label of its
   * own takes privileged pods. @default - none: namespaces without policies and labels of their own are open
   */
  readonly clusterPolicy?: { readonly metadata: { readonly name: string }; readonly spec: object };
  /** ValidatingAdmissionPolicies by which the API server judges objects. @default - none are asked for */
  readonly admission?: { readonly policies: readonly string[]; readonly action: "deny" | "warn" };
  /** Address of the API server's endpoint, where control planes have it in turn. @default - nobody of the nodes, or its only control plane */
  readonly endpoint?: string;
  /** The same, where each of them has it and announces it to its routers. @default - they do not */
  readonly announcedEndpoint?: string;
  /** Nodes with which alone the others have BGP sessions. @default - each has one with each other */
  readonly reflectors?: readonly string[];
  /** Networks of Services of type LoadBalancer, which each node announces to its routers. @default - none */
  readonly loadBalancerCidrs?: readonly string[];
  /** Whether metrics-server has to answer. @default false */
  readonly metricsServer?: boolean;
  /** How often etcd is backed up. @default - never: nothing is asked */
  readonly backup?: { readonly everyMinutes: number };
  /** Routers with which every node, or each of `nodes`, must have a BGP session, besides all the other nodes. */
  readonly bgpPeers: readonly { readonly name: string; readonly address: string; readonly nodes?: readonly string[] }[];
  /** Namespaces whose pods decide; those of others are warnings. */
  readonly systemNamespaces: readonly string[];
  /** Of the pool that gives pods their addresses. */
  readonly podCidr: string;
  /** What the network between nodes must carry in one piece; of pods as well, where nothing is encapsulated. */
  readonly mtu: number;
  /** The second header around what pods send to pods of other nodes. @default - none */
  readonly encapsulation?: Encapsulation;
  /** What the fabric must carry in one piece, and what pods have of nodes' cards. @default - there is no fabric */
  readonly fabric?: { readonly mtu: number; readonly kind: FabricKind };
  /** How far a node's clock may be from the others' and from that of the machine that verifies, in seconds. */
  readonly clockSeconds: number;
  /** CPU steal that is accepted on a node, in percent of all its CPUs. */
  readonly stealPercent: number;
  readonly probe: WantedProbe;
  /** Servers whose place is known. @default - none */
  readonly landmarks?: readonly Landmark[];
  /** How often control planes verify by themselves. @default - they don't */
  readonly everyMinutes?: number;
  /** What a reader of the report must know besides the checks, such as an emulated storage pool. @default - nothing */
  readonly remarks?: readonly string[];
}

/** A server whose place is known, and that answers TCP connections. */
export interface Landmark {
  /** For people, as in `NIX1 in Oslo`. */
  readonly name: string;
  readonly address: string;
  readonly port: number;
}

/** Input of the probe matrix: pods that try connections, under policies as DefaultDeny makes them. */
export interface WantedProbe {
  /** An agnhost image that every node has or can pull. */
  readonly image: string;
  /**
   * NetworkPolicies for `probeNamespace`: default deny, with `probeAllow` allowed; for `openNamespace`: everything
   * allowed; and where there is a fabric, for `fabricNamespace`: default deny.
   */
  readonly policies: readonly object[];
  /**
   * TCP servers of machines with which pods have no business, such as sshd and the kubelet. No pod reaches them, whether
   * or not a network policy keeps it away.
   */
  readonly doors: readonly Door[];
}

export interface Door {
  /** For people, as in `ssh of hypervisor hv1`. */
  readonly name: string;
  readonly address: string;
  readonly port: number;
}

/** The namespace in which the probe matrix runs. It is created for each run and deleted after it. */
export const probeNamespace = "kjerne-verify";

/** A namespace in which everything is allowed: a pod here that reaches a target shows that only a policy stops others. */
export const openNamespace = `${probeNamespace}-open`;

/** A namespace without policies, like one that somebody makes after the last `up`. */
export const undeclaredNamespace = `${probeNamespace}-undeclared`;

/** A namespace under default deny for pods on the fabric, which send echoes, as only root may. */
export const fabricNamespace = `${probeNamespace}-fabric`;

/** Every namespace of the verification's own. */
export const ownNamespaces = [probeNamespace, openNamespace, undeclaredNamespace, fabricNamespace];

/** What the policies of the probe matrix allow beside DNS and the API: what the articles show. */
export const probeAllow = { from: "frontend", to: "backend", port: 8080, protocol: "TCP" } as const;
