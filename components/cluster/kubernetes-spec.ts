import type { ProxyFacts } from "../../node-config/kubeadm";
import type { SysctlProfileName } from "../../node-config/sysctl";

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
