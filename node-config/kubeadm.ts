import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Document, parseAllDocuments } from "yaml";
import { goYaml } from "./go-yaml";
import { addArgument, easeControlPlane, easeKubelet, type Pace, patchesDirectory, setPace } from "./pace";
import { kubeadmTaints, routesNotSeen, type Taint } from "./taints";
import type { ProxyMode } from "./versions";

/** Values of the whole cluster, decided before anything runs. */
export interface ClusterFacts {
  readonly name: string;
  /** Without the v: "1.36.3". */
  readonly kubernetesVersion: string;
  /** The API server: a host name that stays when control planes change, and the address that nodes resolve it to. */
  readonly endpoint: {
    readonly host: string;
    readonly address: string;
    readonly port: number;
    /** Set where control planes themselves have the address: one at a time, or all that announce it to routers. */
    readonly by?: "vrrp" | "bgp";
  };
  readonly podCidr: string;
  readonly serviceCidr: string;
  readonly pace: Pace;
  /** Number of control planes that the cluster will have. */
  readonly controlPlanes: number;
  /** Set where the API server tells which pods it would refuse, and takes them. */
  readonly podSecurity?: "reported";
  /** Set where a disk that is too slow for etcd is told, and begins a cluster all the same. */
  readonly slowEtcdDisk?: "told";
  /** Set where any node is a system container: kubelets then run on version 1 of cgroups too. */
  readonly containers?: true;
}

/** Values of one node, decided before anything runs. */
export interface NodeFacts {
  readonly name: string;
  readonly address: string;
  /** Empty: no taints. @default - kubeadm's, which keeps workloads off control planes */
  readonly taints?: readonly Taint[];
  readonly labels?: Readonly<Record<string, string>>;
  /** Whether it is a system container, whose kernel is its host's. @default false */
  readonly container?: boolean;
  /** Whether kjerne did not make the machine, so that its /etc/hosts has lines of its own. @default false */
  readonly existing?: boolean;
}

/** What a node joins with: the token proves the node to the cluster, the hash proves the cluster to the node. */
export interface JoinCredentials {
  readonly token: string;
  /** `sha256:…` of the cluster CA's public key. */
  readonly caHash: string;
  /** Decrypts the control plane's certificates, 64 hexadecimal digits. @default - none: the node becomes a worker */
  readonly certificateKey?: string;
}

export interface ProxyFacts {
  readonly mode: ProxyMode;
  /** IPVS scheduler, such as `rr`. */
  readonly scheduler: string;
  readonly syncPeriodSeconds: number;
  readonly strictArp: boolean;
  /** @default - none */
  readonly featureGates?: Readonly<Record<string, boolean>>;
}

/** InitConfiguration, ClusterConfiguration and KubeletConfiguration of the first control plane. */
export function renderInit(facts: ClusterFacts, node: NodeFacts): string {
  const documents = parse("init.yaml");
  const init = ofKind(documents, "InitConfiguration");
  init.setIn(["localAPIEndpoint", "advertiseAddress"], node.address);
  setRegistration(init, node, facts.pace);
  setPace(init, facts.pace, true);

  const cluster = ofKind(documents, "ClusterConfiguration");
  cluster.set("clusterName", facts.name);
  cluster.set("kubernetesVersion", `v${facts.kubernetesVersion}`);
  cluster.set("controlPlaneEndpoint", `${facts.endpoint.host}:${facts.endpoint.port}`);
  cluster.setIn(["networking", "podSubnet"], facts.podCidr);
  cluster.setIn(["networking", "serviceSubnet"], facts.serviceCidr);
  cluster.setIn(["apiServer", "certSANs"], [facts.endpoint.host, facts.endpoint.address]);
  if (facts.pace === "emulated") {
    easeControlPlane(cluster, facts.controlPlanes);
    easeKubelet(ofKind(documents, "KubeletConfiguration"));
  }
  // A container has the cgroups that its host mounts; kubelet refuses version 1 since Kubernetes 1.35.
  if (facts.containers) ofKind(documents, "KubeletConfiguration").set("failCgroupV1", false);
  return print(documents);
}

/** JoinConfiguration of one node; a secret, because it holds the token. */
export function renderJoin(facts: ClusterFacts, node: NodeFacts, credentials: JoinCredentials): string {
  const documents = parse("join.yaml");
  const join = ofKind(documents, "JoinConfiguration");
  const discovery = ["discovery", "bootstrapToken"];
  join.setIn([...discovery, "apiServerEndpoint"], `${facts.endpoint.host}:${facts.endpoint.port}`);
  join.setIn([...discovery, "token"], credentials.token);
  join.setIn([...discovery, "caCertHashes"], [credentials.caHash]);
  if (credentials.certificateKey) {
    const localAPIEndpoint = { advertiseAddress: node.address, bindPort: 6443 };
    join.set("controlPlane", { localAPIEndpoint, certificateKey: credentials.certificateKey });
  }
  const role = credentials.certificateKey ? "control-plane" : "worker";
  const taints = [...(node.taints ?? kubeadmTaints[role]), routesNotSeen];
  setRegistration(join, { ...node, taints }, facts.pace);
  // kubeadm marks a control plane only after it has registered, and kubelet would register one that was deleted without.
  if (role === "control-plane") {
    const registered = taints.map(({ key, value = "", effect }) => `${key}=${value}:${effect}`);
    addArgument(join, ["nodeRegistration", "kubeletExtraArgs"], "register-with-taints", registered.join(","));
  }
  setPace(join, facts.pace, credentials.certificateKey !== undefined);
  return print(documents);
}

/**
 * InitConfiguration for `kubeadm init phase upload-certs`, which encrypts the control plane's certificates and stores
 * them in the cluster; a secret, because it holds the key.
 */
export function renderUploadCertificates(facts: ClusterFacts, node: NodeFacts, certificateKey: string): string {
  const documents = parseAllDocuments(renderInit(facts, node), goYaml) as Document[];
  ofKind(documents, "InitConfiguration").set("certificateKey", certificateKey);
  return print(documents);
}

/** UpgradeConfiguration of one node, for `kubeadm upgrade apply` and `kubeadm upgrade node`. */
export function renderUpgrade(facts: ClusterFacts, node: NodeFacts): string {
  const [upgrade] = parse("upgrade.yaml") as [Document];
  upgrade.setIn(["apply", "kubernetesVersion"], `v${facts.kubernetesVersion}`);
  setPace(upgrade, facts.pace, false);
  for (const how of ["apply", "node"]) {
    if (facts.pace === "emulated") upgrade.setIn([how, "patches", "directory"], patchesDirectory);
    // As when it was begun: in a container kernel and cgroups are the host's.
    if (node.container) upgrade.setIn([how, "ignorePreflightErrors"], ["SystemVerification"]);
  }
  return print([upgrade]);
}

/** KubeProxyConfiguration after the documents of `renderInit`: `kubeadm init phase addon kube-proxy` reads them all. */
export function renderKubeProxy(facts: ClusterFacts, node: NodeFacts, proxy: ProxyFacts): string {
  const documents = parse("kube-proxy.yaml");
  const config = ofKind(documents, "KubeProxyConfiguration");
  config.set("mode", proxy.mode);
  config.set("clusterCIDR", facts.podCidr);
  if (proxy.mode === "ipvs") {
    config.setIn(["ipvs", "scheduler"], proxy.scheduler);
    config.setIn(["ipvs", "syncPeriod"], `${proxy.syncPeriodSeconds}s`);
    config.setIn(["ipvs", "strictARP"], proxy.strictArp);
  } else {
    config.delete("ipvs");
    config.setIn([proxy.mode, "syncPeriod"], `${proxy.syncPeriodSeconds}s`);
  }
  if (proxy.featureGates) config.set("featureGates", proxy.featureGates);
  return `${renderInit(facts, node)}---\n${print(documents)}`;
}

function setRegistration(document: Document, node: NodeFacts, pace: Pace) {
  const registration = ["nodeRegistration"];
  document.setIn([...registration, "name"], node.name);
  document.setIn([...registration, "kubeletExtraArgs", 0, "value"], node.address);
  if (node.taints) document.setIn([...registration, "taints"], node.taints);
  else document.deleteIn([...registration, "taints"]);

  // kubeadm's look at the kernel and its cgroups: in a container they are the host's.
  if (node.container) document.setIn([...registration, "ignorePreflightErrors"], ["SystemVerification"]);

  // How often the cAdvisor in kubelet measures containers; ten seconds by default.
  if (pace === "emulated") addArgument(document, [...registration, "kubeletExtraArgs"], "housekeeping-interval", "60s");

  const labels = Object.entries(node.labels ?? {}).map(([key, value]) => `${key}=${value}`);
  if (labels.length > 0) addArgument(document, [...registration, "kubeletExtraArgs"], "node-labels", labels.join(","));
}

function parse(file: string): Document[] {
  return parseAllDocuments(readFileSync(join(__dirname, "kubeadm", file), "utf8"), goYaml) as Document[];
}

function ofKind(documents: readonly Document[], kind: string): Document {
  const found = documents.find((document) => document.get("kind") === kind);
  if (!found) throw new Error(`node-config/kubeadm: no document of kind ${kind}; it was renamed or removed`);
  return found;
}

function print(documents: readonly Document[]): string {
  for (const document of documents) {
    if (JSON.stringify(document.toJS()).includes("<set>")) {
      throw new Error(
        `node-config/kubeadm: ${document.get("kind")} has a field marked <set> that kubeadm.ts leaves out`,
      );
    }
  }
  return documents.map((document) => document.toString({ lineWidth: 0 })).join("");
}
