import { heldPackages } from "../packages";
import { type SysctlProfileName, sysctlFiles, sysctlsIn } from "../sysctl";
import { minorOf, versions } from "../versions";

/** What a supply must hold. */
export interface SupplyIndex {
  /** Package → version. */
  readonly packages: Readonly<Record<string, string>>;
  /** Image with its tag → digest. */
  readonly images: Readonly<Record<string, string>>;
}

/** The images that kubeadm of a release asks for. */
export function kubernetesImages(kubernetes: string): string[] {
  const release = versions.kubernetes[kubernetes];
  if (!release) return [];
  const parts = ["kube-apiserver", "kube-controller-manager", "kube-scheduler", "kube-proxy"];
  return [
    ...parts.map((name) => `registry.k8s.io/${name}:v${kubernetes}`),
    `registry.k8s.io/etcd:${release.etcdImage}`,
    `registry.k8s.io/coredns/coredns:v${release.coredns}`,
    `registry.k8s.io/pause:${release.pause}`,
  ];
}

/**
 * What an index lacks for a cluster of this release, whose objects name these images too.
 *
 * @param calico Calico's version, which decides which containerd was seen with it.
 */
export function completeIndex(
  { packages, images }: SupplyIndex,
  kubernetes: string,
  calico: string,
  calicoImages: readonly string[],
): string[] {
  const wayOut = "name the supply.json of a mirror that has them";
  if (!(kubernetes in versions.kubernetes)) return []; // said of the version itself
  const problems: string[] = [];
  const absent = heldPackages(packages).filter((name) => !packages[name]);
  if (absent.length > 0) problems.push(`has no package ${absent.join(", ")}, which nodes install; ${wayOut}`);
  const others = ["kubeadm", "kubelet", "kubectl"].filter(
    (name) => packages[name] && !isOf(packages[name], kubernetes),
  );
  if (others.length > 0) {
    const found = others.map((name) => `${name} ${packages[name]}`).join(", ");
    problems.push(
      `has ${found}, and kubernetes.version is ${kubernetes}; name the index of a supply of that release, or set the release that it holds`,
    );
  }
  const pair = versions.pairs.find((one) => one.kubernetes === minorOf(kubernetes) && one.calico === calico);
  const containerd = packages.containerd ?? packages["containerd.io"];
  if (pair && containerd && !isOf(containerd, pair.containerd)) {
    problems.push(
      `has containerd ${containerd}, and Kubernetes ${kubernetes} with Calico ${calico} was seen with ${pair.containerd}; name the index of a supply that has it`,
    );
  }
  const missing = [...kubernetesImages(kubernetes), ...calicoImages].filter((name) => !images[name]);
  if (missing.length > 0) problems.push(`has no image ${missing.join(", ")}; ${wayOut}`);
  return problems;
}

/** Whether Debian's version `1:1.36.3-1` is of the release `1.36.3`, or of the minor `1.36`. */
export function isOf(debian: string, release: string): boolean {
  const upstream = debian.replace(/^\d+:/, "");
  return upstream.startsWith(release) && !/^\d/.test(upstream.slice(release.length));
}

/** Kernel settings without which no node carries pods, from the profiles that were chosen. */
export function forwards(profiles: readonly SysctlProfileName[]): string[] {
  const key = "net.ipv4.ip_forward";
  if (new Set(profiles).size < profiles.length) return []; // said of the list itself
  if (sysctlsIn(sysctlFiles(profiles)).some((setting) => setting.key === key && setting.value === "1")) return [];
  return [
    `kubernetes.sysctlProfiles: none of ${profiles.join(", ") || "them"} sets ${key}, without which a node passes no packet to a pod; add base`,
  ];
}

/** A company's repository may have suites of its own names; one that has a release's name has that release. */
export function ofOneRelease(
  debian: string,
  packages: readonly { readonly suite: string }[],
  releases: readonly string[],
): string[] {
  const release = ({ suite }: { readonly suite: string }) => suite.split(/[-/]/)[0] as string;
  const others = packages.filter((one) => release(one) !== debian && releases.includes(release(one)));
  return others.map(
    ({ suite }) =>
      `supply.packages has the suite ${suite}, and supply.debian is ${debian}; name suites of ${debian}, or set supply.debian: ${release({ suite })}`,
  );
}
