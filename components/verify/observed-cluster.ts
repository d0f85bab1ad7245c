import { type Ask, type Reading, read } from "./answers";

/** What the API server holds, cut down to what is judged. */
export interface ObservedCluster {
  readonly nodes: Reading<readonly ObservedMember[]>;
  readonly pods: Reading<readonly Pod[]>;
  /** Deployments and StatefulSets, with the replicas that they want and those that are Ready. */
  readonly workloads: Reading<readonly { namespace: string; name: string; wanted: number; ready: number }[]>;
  /** The Services `kubernetes` and `kube-dns`, with their endpoints. */
  readonly services: Reading<readonly Service[]>;
  /** Services with a selector and without a ready endpoint, as in `shop/web`. */
  readonly unserved: Reading<readonly string[]>;
  readonly policies: Reading<readonly ObservedPolicy[]>;
  /** Calico's policies of the whole cluster. */
  readonly globalPolicies: Reading<readonly { readonly name: string; readonly spec: object }[]>;
  /** By which policies the API server judges objects: bindings, each with its policy's failurePolicy, empty where that is gone. */
  readonly admission: Reading<readonly ObservedAdmission[]>;
  /** What the API server says of a privileged pod with the node's disk in the namespace default. */
  readonly privilegedPod: Reading<string>;
  readonly pools: Reading<readonly Pool[]>;
  /** Which node holds which block of pod addresses. */
  readonly blocks: Reading<readonly { cidr: string; node: string; state: string; deleted?: string }[]>;
  /** Services of type LoadBalancer that leave it to the cluster which address they get, and those they have. */
  readonly loadBalancers: Reading<readonly { readonly name: string; readonly addresses: readonly string[] }[]>;
  /** Nodes of which metrics-server knows CPU and memory. */
  readonly measured: Reading<readonly string[]>;
  readonly storageClasses: Reading<readonly ObservedStorageClass[]>;
  /** PersistentVolumes on disks of nodes. */
  readonly volumes: Reading<readonly ObservedVolume[]>;
}

/** A Node of the API server. */
export interface ObservedMember {
  readonly name: string;
  readonly ready: boolean;
  readonly version: string;
  readonly schedulable: boolean;
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: readonly { readonly key: string; readonly value: string | null; readonly effect: string }[];
}

export interface ObservedAdmission {
  /** Name of the ValidatingAdmissionPolicy. */
  readonly policy: string;
  /** `Deny`, or `Warn` and `Audit`. */
  readonly actions: readonly string[];
  readonly failurePolicy: string;
}

export interface ObservedStorageClass {
  readonly name: string;
  readonly provisioner: string;
  readonly volumeBindingMode: string;
  readonly reclaimPolicy: string;
}

export interface ObservedVolume {
  readonly name: string;
  /** `Available`, `Bound`, `Released` after its claim was deleted, or `Failed`. */
  readonly phase: string;
  readonly storageClass: string;
  readonly directory: string;
  /** As in `50Gi`. */
  readonly size: string;
  /** As in `shop/data-db-0`; empty: no claim has or had it. */
  readonly claim: string;
}

export interface ObservedPolicy {
  readonly namespace: string;
  readonly name: string;
  readonly spec: object;
}

export interface Pool {
  readonly name: string;
  readonly cidr: string;
  readonly ipipMode?: string;
  readonly vxlanMode?: string;
  readonly disabled?: boolean;
}

export interface Pod {
  readonly namespace: string;
  readonly name: string;
  readonly node: string | null;
  readonly phase: string;
  readonly ready: boolean;
  /** Why it does not run, such as `Evicted` or `CrashLoopBackOff`; empty where nothing says. */
  readonly reason: string;
  /** As in `DaemonSet/calico-node`; empty where nothing made it. */
  readonly owner: string;
  /** For how long it should have been gone; null: it stays. */
  readonly terminatingSeconds: number | null;
}

export interface Service {
  /** As in `kube-system/kube-dns`. */
  readonly name: string;
  /** One for each port. */
  readonly ports: readonly {
    /** As in `TCP 10.96.0.1:443`. */
    readonly service: string;
    /** `address:port` of the ready endpoints. */
    readonly endpoints: readonly string[];
  }[];
}

/** Parses what `observe-cluster.sh` printed on a control plane. */
export function observedCluster(ask: Ask): ObservedCluster {
  return {
    nodes: read(ask("nodes"), JSON.parse),
    pods: read(ask("pods"), JSON.parse),
    workloads: read(ask("workloads"), JSON.parse),
    unserved: read(ask("unserved"), JSON.parse),
    loadBalancers: read(ask("loadBalancers"), JSON.parse),
    services: read(ask("services"), (text) => services(JSON.parse(text))),
    policies: read(ask("policies"), JSON.parse),
    globalPolicies: read(ask("globalPolicies"), JSON.parse),
    admission: read(ask("admission"), JSON.parse),
    privilegedPod: read(ask("privilegedPod"), (text) => text.trim()),
    pools: read(ask("pools"), JSON.parse),
    blocks: read(ask("blocks"), JSON.parse),
    measured: read(ask("measured"), JSON.parse),
    storageClasses: read(ask("storageClasses"), JSON.parse),
    volumes: read(ask("volumes"), JSON.parse),
  };
}

/** A Service or one of its EndpointSlices, with the fields that `observe-cluster.sh` keeps. */
interface ServiceItem {
  readonly kind: "Service" | "EndpointSlice";
  readonly namespace: string;
  readonly service: string;
  readonly address: string | null;
  readonly ports: readonly { name: string | null; protocol: string; port: number }[];
  readonly endpoints: readonly string[];
}

function services(items: readonly ServiceItem[]): Service[] {
  const slicesOf = ({ namespace, service }: ServiceItem) =>
    items.filter((item) => item.kind === "EndpointSlice" && item.namespace === namespace && item.service === service);
  return items
    .filter((item) => item.kind === "Service")
    .map((item) => ({
      name: `${item.namespace}/${item.service}`,
      ports: item.ports.map(({ name, protocol, port }) => ({
        service: `${protocol} ${item.address}:${port}`,
        endpoints: slicesOf(item).flatMap((slice) => {
          const behind = slice.ports.filter((other) => (other.name || "") === (name || ""));
          return behind.flatMap((other) => slice.endpoints.map((address) => `${address}:${other.port}`));
        }),
      })),
    }));
}
