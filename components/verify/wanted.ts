import type { ProxyMode } from "../../node-config/versions";

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
}

/** A NetworkPolicy of `networking.k8s.io/v1`. */
export interface WantedPolicy {
  readonly metadata: { readonly namespace: string; readonly name: string };
  readonly spec: object;
}

/** What the verification expects of the running cluster: plain values, decided before anything runs. */
export interface Wanted {
  /** Every node. The first control plane in the list reads from the API server. */
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
  /** Routers with which every node must have a BGP session, besides all the other nodes. */
  readonly bgpPeers: readonly { readonly name: string; readonly address: string }[];
  /** CPU steal that is accepted on a node, in percent of all its CPUs. */
  readonly stealPercent: number;
  readonly probe: WantedProbe;
  /** What a reader of the report must know besides the checks, such as an emulated storage pool. @default - nothing */
  readonly remarks?: readonly string[];
}

/** Input of the probe matrix: pods that try connections, under policies as DefaultDeny makes them. */
export interface WantedProbe {
  /** An agnhost image that every node has or can pull. */
  readonly image: string;
  /** NetworkPolicies for `probeNamespace`: default deny, with `probeAllow` allowed. */
  readonly policies: readonly object[];
  /** A TCP server outside the cluster that a pod without policies reaches, such as the hypervisor's sshd. */
  readonly outside: { readonly address: string; readonly port: number };
}

/** The namespace in which the probe matrix runs. It is created for each run and deleted after it. */
export const probeNamespace = "kjerne-verify";

/** What the policies of the probe matrix allow beside DNS and the API: what the articles show. */
export const probeAllow = { from: "frontend", to: "backend", port: 8080, protocol: "TCP" } as const;
