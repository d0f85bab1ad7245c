import type * as pulumi from "@pulumi/pulumi";
import type { BackupPlace, StoreCredentials } from "../../node-config/backup";
import type { Mirror } from "../../node-config/node-files";
import type { PackageSource } from "../../node-config/package-source";
import type { Workload } from "../../node-config/workload/questions";
import type { DeniedNamespace } from "../security/openings";
import type { Landmark } from "../verify/wanted";
import type { AdmissionSpec } from "./admission-spec";
import type { CalicoSpec } from "./calico-spec";
import type { FabricSpec } from "./fabric-spec";
import type { KubernetesSpec } from "./kubernetes-spec";
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
export type * from "./kubernetes-spec";

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
