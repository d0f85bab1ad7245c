import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";

/** Versions of etcd, and tags of the images, that kubeadm of one Kubernetes release installs. */
export interface KubernetesRelease {
  readonly etcd: string;
  readonly etcdImage: string;
  readonly coredns: string;
  readonly pause: string;
}

/** Versions that may be installed together: minors of Kubernetes and containerd, a patch version of Calico. */
export interface AllowedPair {
  readonly kubernetes: string;
  readonly calico: string;
  readonly containerd: string;
  /** Who tested it: upstream (`tested`), or the tests of this repository (`lab`). */
  readonly seen: "tested" | "lab";
}

/** From which Kubernetes minor on a kube-proxy mode exists, is deprecated, needs a feature gate, is gone. */
export interface ProxyModeHistory {
  readonly from?: string;
  /** First Calico minor that works with the mode. @default - every Calico does */
  readonly calicoFrom?: string;
  readonly deprecatedFrom?: string;
  readonly gatedFrom?: string;
  readonly removedFrom?: string;
  readonly instead?: ProxyMode;
}

export type ProxyMode = "ipvs" | "nftables" | "iptables";

export interface Versions {
  readonly default: string;
  readonly kubernetes: Readonly<Record<string, KubernetesRelease>>;
  readonly pairs: readonly AllowedPair[];
  readonly proxyModes: Readonly<Record<ProxyMode, ProxyModeHistory>>;
  /** First Calico minor that gives Services of type LoadBalancer their addresses. */
  readonly calicoGivesAddressesFrom: string;
  readonly containerd: string;
  readonly debian: string;
  /** Releases that nodes may have, whoever made their machines. */
  readonly debianOfNodes: readonly [string, ...string[]];
  /** Versions of what else tools/supply builds. */
  readonly supply: Readonly<Record<"calico" | "criTools" | "agnhost" | "metricsServer" | "metallb", string>>;
}

/** The content of `versions.yaml`, the only place where versions are written. */
export const versions: Versions = parse(readFileSync(join(__dirname, "../versions.yaml"), "utf8"));

/** "1.36.3" → "1.36". */
export function minorOf(version: string): string {
  return version.split(".").slice(0, 2).join(".");
}

/** Whether a minor is the given one or later; both as "1.36". */
export function isAtLeast(minor: string, floor: string): boolean {
  const [major = 0, second = 0] = minor.split(".").map(Number);
  const [floorMajor = 0, floorSecond = 0] = floor.split(".").map(Number);
  return major > floorMajor || (major === floorMajor && second >= floorSecond);
}

/** The pair of versions.yaml that allows these versions. Throws when there is none, and lists those that there are. */
export function requirePair(kubernetes: string, calico: string): AllowedPair {
  const pair = versions.pairs.find((p) => p.kubernetes === minorOf(kubernetes) && p.calico === calico);
  if (pair && kubernetes in versions.kubernetes) return pair;
  const pairs = versions.pairs.map((p) => `Kubernetes ${p.kubernetes} with Calico ${p.calico} (${p.seen})`).join(", ");
  const releases = Object.keys(versions.kubernetes).join(", ");
  throw new Error(
    `Kubernetes ${kubernetes} with Calico ${calico} was not seen working; choose one of: ${pairs}; releases: ${releases}`,
  );
}
