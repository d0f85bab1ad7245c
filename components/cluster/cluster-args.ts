import type * as pulumi from "@pulumi/pulumi";
import type { ProxyFacts, Taint } from "../../node-config/kubeadm";
import type { Mirror } from "../../node-config/node-files";
import type { PackageSource } from "../../node-config/package-source";
import type { SysctlProfileName } from "../../node-config/sysctl";
import type { Pool } from "../hypervisor/hypervisor";
import type { BgpPeer } from "../network/bgp-resources";
import type { Allow } from "../security/network-policies";

/** Where the cluster is and who has a hand on it. Countries are ISO 3166-1 codes. Plain, so that policies judge them in preview. */
export type Site = {
  readonly name: string;
  readonly country: string;
  readonly city: string;
  /** Who runs the machines, where that company sits, and where its ultimate owner sits. */
  readonly operator: { readonly name: string; readonly country: string; readonly parentCountry: string };
  /** Countries from which staff with access work. */
  readonly supportCountries: readonly string[];
  readonly dataClass: string;
  /** Number or case of the data centre's registration with Nkom, or `own-premises`. */
  readonly nkomRegistration?: string;
};

export interface HypervisorSpec {
  readonly name: string;
  readonly address: string;
  readonly user: string;
  readonly hostKey: string;
  readonly bridge: string;
  readonly pool: Pool;
  readonly imageDirectory: string;
}

export interface NodeSpec {
  readonly name: string;
  readonly role: "control-plane" | "worker";
  /** Name of the hypervisor that it lies on. */
  readonly hypervisor: string;
  readonly address: string;
  readonly cpus: number;
  readonly memoryMiB: number;
  readonly rootGiB: number;
  /** Control planes only. */
  readonly etcdGiB: number;
  readonly pinnedCpus?: readonly number[];
  readonly taints?: readonly Taint[];
}

export interface NetworkSpec {
  /** Network of the nodes, such as `10.20.0.0/24`. */
  readonly nodeCidr: string;
  readonly gateway: string;
  readonly nameservers: readonly string[];
  readonly timeServers: readonly string[];
  readonly mtu: number;
  readonly podCidr: string;
  readonly serviceCidr: string;
}

export interface CalicoSpec {
  /** Text of Calico's `calico.yaml`, its checksum already compared. */
  readonly manifest: string;
  readonly autodetection: string;
  readonly blockSize: number;
  readonly asNumber: number;
  readonly peers: readonly BgpPeer[];
}

export interface KubernetesSpec {
  readonly version: string;
  /** The name behind which the API server stays, and the address that it stands for. */
  readonly endpoint: { readonly host: string; readonly address: string; readonly port: number };
  readonly proxy: Omit<ProxyFacts, "featureGates">;
  readonly sysctlProfiles: readonly SysctlProfileName[];
  /** An agnhost image, for the probes of the verification. */
  readonly probeImage: string;
}

export interface SupplySpec {
  readonly packages: readonly PackageSource[];
  readonly mirrors: readonly Mirror[];
  /** What the supply holds: packages with their versions, images with their digests. */
  readonly index: {
    readonly packages: Readonly<Record<string, string>>;
    readonly images: Readonly<Record<string, string>>;
  };
}

/** A namespace in which nothing passes but what is allowed. */
export interface DeniedNamespace {
  readonly name: string;
  readonly allow: readonly Allow[];
}

export interface ClusterArgs {
  readonly site: Site;
  /** `emulated`: software emulation is allowed, and Kubernetes is paced for it. For a lab. */
  readonly virtualisation: "kvm" | "emulated";
  /** Keys of the operator: for hypervisors and nodes alike. */
  readonly ssh: { readonly publicKey: string; readonly privateKey: pulumi.Input<string> };
  readonly hypervisors: readonly HypervisorSpec[];
  readonly nodes: readonly NodeSpec[];
  readonly network: NetworkSpec;
  readonly calico: CalicoSpec;
  readonly kubernetes: KubernetesSpec;
  readonly supply: SupplySpec;
  readonly defaultDeny: readonly DeniedNamespace[];
}
