import type * as pulumi from "@pulumi/pulumi";
import type { BackupPlace, StoreCredentials } from "../../node-config/backup";
import type { ProxyFacts } from "../../node-config/kubeadm";
import type { Mirror } from "../../node-config/node-files";
import type { PackageSource } from "../../node-config/package-source";
import type { SysctlProfileName } from "../../node-config/sysctl";
import type { Workload } from "../../node-config/workload/questions";
import type { DeniedNamespace } from "../security/openings";
import type { Landmark } from "../verify/wanted";
import type { AdmissionSpec } from "./admission-spec";
import type { CalicoSpec } from "./calico-spec";
import type { FabricSpec } from "./fabric-spec";
import type { HypervisorSpec, NodeSpec } from "./machine-specs";

/**
 * Where the cluster is and who has access to it. Countries are ISO 3166-1 codes. Plain, so that policies judge them in
 * preview.
 */
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

export interface NetworkSpec {
  /** Network of the nodes, such as `10.20.0.0/24`. */
  readonly nodeCidr: string;
  readonly gateway: string;
  /** At least one: CoreDNS ends when it has no server for names outside the cluster. */
  readonly nameservers: readonly string[];
  /** NTP servers. @default - none: nodes keep the hypervisor's clock */
  readonly timeServers?: readonly string[];
  /** @default 1500 */
  readonly mtu?: number;
  /** @default "10.244.0.0/16" */
  readonly podCidr?: string;
  /** @default "10.96.0.0/16" */
  readonly serviceCidr?: string;
  /**
   * Networks out of which Services of type LoadBalancer get addresses, which Calico announces to the routers: see
   * `LoadBalancerAddresses`. @default - none
   */
  readonly loadBalancerCidrs?: readonly string[];
  /**
   * IPv4 and IPv6 networks from which operators reach the nodes' sshd; the machine that deploys is in one of them.
   * @default - everybody reaches it but pods and other nodes
   */
  readonly operators?: readonly string[];
  /**
   * Ports of nodes that pods may ask, such as 9100 of a node exporter, beside the API server's and NodePorts.
   * @default - none
   */
  readonly openToPods?: readonly number[];
  /** A second network for pods that ask. @default - none */
  readonly fabric?: FabricSpec;
}

/** Somebody who works on the cluster. One who leaves the list may do nothing any more, at once. */
export interface OperatorSpec {
  readonly name: string;
  /** What they may do, everywhere: `view`, `edit`, `admin`, `cluster-admin`, or a ClusterRole of your own. */
  readonly clusterRole: string;
  /** Number of their certificate: one more makes another, and no older one may do anything. @default 1 */
  readonly certificate?: number;
}

/** How nodes and operators find the API server. */
export interface EndpointSpec {
  /** Name by which nodes know it, which stays when control planes come and go. */
  readonly host: string;
  readonly address: string;
  /** @default 6443 */
  readonly port?: number;
  /**
   * Who has the address. `vrrp`: in turn one of the control planes whose own API server answers, by keepalived among them.
   * `bgp`: each of them, and `calico.peers` learn the address from them. `yours`: the only control plane, or your load
   * balancer. @default "yours"
   */
  readonly by?: "vrrp" | "bgp" | "yours";
}

export interface KubernetesSpec {
  /** Release of `versions.yaml`, without the v. Another one upgrades the nodes: see `Upgrade`. */
  readonly version: string;
  /** How nodes of a running cluster get other versions. */
  readonly upgrade?: UpgradeSpec;
  readonly endpoint: EndpointSpec;
  /** @default - IPVS, scheduler rr, every 30 s, with strict ARP where addresses of Services are announced */
  readonly proxy?: Partial<Omit<ProxyFacts, "featureGates">>;
  /** Profiles of kernel settings, which add up. @default ["base", "router"] */
  readonly sysctlProfiles?: readonly SysctlProfileName[];
  /**
   * On workers, CPUs that one pod has for itself: those whose requests are whole CPUs and equal their limits. The
   * reserved ones, as the kernel lists them (`0`, `0-1,8`), are for the system and kubelet.
   * @default - pods share all CPUs, unless the workload's profile asks for it: then CPU 0 is reserved
   */
  readonly exclusiveCpus?: { readonly reservedSystemCpus?: string };
  /** Memory of each worker in pages of 2 MiB, which nobody else has. @default 0 */
  readonly hugePagesMiB?: number;
  /**
   * Number of the key that encrypts Secrets and ConfigMaps in etcd. One more makes another key, has everything encrypted
   * by it and takes the old one away; it never goes down. @default 1
   */
  readonly encryptionKey?: number;
  /**
   * What becomes of a machine whose disk is too slow for etcd: each is measured by fio before it becomes a control plane,
   * and 99 of 100 writes have to be on the disk within 10 ms (https://etcd.io/docs/v3.5/op-guide/hardware/). `refused`:
   * Kubernetes does not start there. `told`: it does, and the deployment and the report say so. @default "refused"
   */
  readonly slowEtcdDisk?: "refused" | "told";
  /** CPU and memory of nodes and pods, for `kubectl top` and autoscalers: see `MetricsServer`. @default false */
  readonly metricsServer?: boolean;
  /** People with a certificate of their own: see `Operator`. @default - none */
  readonly operators?: readonly OperatorSpec[];
  /** An agnhost image, for the probes of the verification. */
  readonly probeImage: string;
}

export interface UpgradeSpec {
  /** How many workers may be without pods at the same time; control planes go one by one. @default 1 */
  readonly workersAtOnce?: number;
  /** How long the pods of a node may take to leave it. @default 5 */
  readonly drainMinutes?: number;
  /** Whether it begins without a backup of etcd, where the cluster has none. @default false */
  readonly withoutBackup?: boolean;
}

export interface VerificationSpec {
  /** Servers whose place is known: round trips from each node bound how far away it is. @default - none */
  readonly landmarks?: readonly Landmark[];
  /** From one verification on a control plane to the next: see `ContinuousVerification`. @default - none but by an `up` */
  readonly everyMinutes?: number;
}

export interface SupplySpec {
  readonly packages: readonly PackageSource[];
  /** Release of Debian that machines made on hypervisors get: one whose suites `packages` has. @default "bookworm" */
  readonly debian?: string;
  readonly mirrors: readonly Mirror[];
  /**
   * Certificates in PEM of the authorities that signed those of `packages` and `mirrors`, where these are a company's
   * own. @default - none beside the system's
   */
  readonly authorities?: string;
  /** What the supply holds: packages with their versions, images with their digests. */
  readonly index: {
    readonly packages: Readonly<Record<string, string>>;
    readonly images: Readonly<Record<string, string>>;
    /** State of the package sources: another one is another node image. @default - none: see `NodeImage` */
    readonly snapshot?: string;
  };
}

/** Backups of etcd with the cluster's keys, encrypted before they leave a control plane. */
export interface BackupSpec {
  readonly to: BackupPlace;
  /** @default 60 */
  readonly everyMinutes?: number;
  /** A backup is removed when `count` newer ones are there and it is older than `days`. @default 48 and 14 */
  readonly keep?: { readonly count?: number; readonly days?: number };
  /** Public keys of age, `age1…`: who has the private key of any of them can decrypt every backup. */
  readonly recipients: readonly string[];
  /** Who may write to an S3 store. @default - none: backups go to a directory */
  readonly credentials?: pulumi.Input<StoreCredentials>;
  /**
   * Certificates in PEM of the authorities that signed the S3 store's, where these are a company's own; no other is trusted
   * for it then. @default - the system's
   */
  readonly authorities?: string;
}

export type { DeniedNamespace } from "../security/openings";
export type * from "./admission-spec";

export type OtherNamespaces = "closed" | "reported";

export interface ClusterArgs {
  readonly site: Site;
  /**
   * What runs here asks of the network: six answers, which choose a profile (`choose` in node-config/workload). What the
   * profile turns on holds unless an argument says more; what contradicts it is refused. @default - no profile
   */
  readonly workload?: Workload;
  /** `emulated`: software emulation is allowed and Kubernetes gets longer timeouts. For a lab. @default "kvm" */
  readonly virtualisation?: "kvm" | "emulated";
  /** Keys of the operator: for nodes, and for hypervisors where these have none of their own. */
  readonly ssh: {
    readonly publicKey: string;
    readonly privateKey: pulumi.Input<string>;
    /** @default - `privateKey` */
    readonly hypervisorPrivateKey?: pulumi.Input<string>;
  };
  /** @default - none: every node was there before */
  readonly hypervisors?: readonly HypervisorSpec[];
  readonly nodes: readonly NodeSpec[];
  readonly network: NetworkSpec;
  readonly calico: CalicoSpec;
  readonly kubernetes: KubernetesSpec;
  readonly supply: SupplySpec;
  /**
   * What holds in every namespace but kube-system, those that somebody makes later among them. `closed`: default deny in
   * both directions, with DNS and the API server allowed, and Pod Security `baseline`. `reported`: nothing is refused
   * there; the verification names the namespaces that `closed` would close, and the API server warns of pods that it would
   * refuse.
   */
  readonly otherNamespaces: OtherNamespaces;
  /** @default - API servers judge by none of the rules */
  readonly admission?: AdmissionSpec;
  /** @default - no backups */
  readonly backup?: BackupSpec;
  /** What is looked at beside the cluster itself. */
  readonly verification?: VerificationSpec;
  /** Namespaces that are created with default deny of their own and what it allows. @default - none */
  readonly defaultDeny?: readonly DeniedNamespace[];
  /**
   * Whether the engine refuses to delete or replace control planes, their disks and the key of all Secrets. @default true
   */
  readonly deletionProtection?: boolean;
}
