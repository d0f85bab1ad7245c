import type { ProxyMode } from "../../node-config/versions";

/** One kernel setting as it must be while everything runs. Several numbers are written as `sysctl` does, with spaces. */
export interface WantedSysctl {
  readonly key: string;
  readonly value: string;
  /** Whether a greater value is as good: the profile only ever raises it. @default false - exactly `value` */
  readonly atLeast?: boolean;
}

/** One machine of the cluster. */
export interface WantedNode {
  readonly name: string;
  readonly role: "control-plane" | "worker";
  /** Its own address: other nodes' pod routes lead there, and the interface that holds it is its NIC. */
  readonly address: string;
}

/** A NetworkPolicy of `networking.k8s.io/v1`. */
export interface WantedPolicy {
  readonly metadata: { readonly namespace: string; readonly name: string };
  readonly spec: object;
}

/** What a cluster that works looks like: plain values, decided before anything runs. */
export interface Wanted {
  /** Every node. The first control plane is asked about the cluster. */
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
  /** CPU time that may be stolen from a node by its host, in percent of all its CPUs. Above it neighbours are felt. */
  readonly stealPercent: number;
  readonly probe: WantedProbe;
  /** What a reader of the report must know besides the checks, such as an emulated storage pool. @default - nothing */
  readonly remarks?: readonly string[];
}

/** What the probe matrix needs: real pods, under the policies that the product itself makes. */
export interface WantedProbe {
  /** An agnhost image that every node has or can pull. */
  readonly image: string;
  /** Manifests that deny by default in `probeNamespace` and allow what `probeAllow` says. */
  readonly policies: readonly object[];
  /** Something beyond the pods that accepts TCP and that a pod without policies reaches, such as the hypervisor's sshd. */
  readonly outside: { readonly address: string; readonly port: number };
}

/** The namespace in which the probe matrix runs. It is made for each run and removed after it. */
export const probeNamespace = "kjerne-verify";

/** What the policies of the probe matrix allow beside DNS and the API: what the articles show. */
export const probeAllow = { from: "frontend", to: "backend", port: 8080, protocol: "TCP" } as const;
