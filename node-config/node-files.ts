import { parseDocument } from "yaml";
import { defaults } from "./defaults";
import { type FileSet, file, merge, readTree } from "./file-set";
import type { ClusterFacts, NodeFacts } from "./kubeadm";
import { type ProxyMode, versions } from "./versions";

/** Where nodes pull the images of one upstream registry from. They never ask that registry itself. */
export interface Mirror {
  /** Host name in image names, such as `registry.k8s.io`. */
  readonly registry: string;
  /**
   * Base address, such as `https://mirror.example.no:5000`. A path that has `v2` in it is the root of the registry's API
   * as it is, such as `https://mirror.example.no/v2/cache`; behind any other path containerd puts /v2.
   */
  readonly mirror: string;
}

/** Files that every Kubernetes node gets, whatever its role. Those of the sysctl profiles are not among them. */
export function nodeFiles(
  facts: ClusterFacts,
  node: NodeFacts,
  mirrors: readonly Mirror[],
  proxyMode: ProxyMode = defaults.proxy.mode,
  authorities?: string,
): FileSet {
  return merge(
    readTree("common"),
    proxyMode === "ipvs" ? readTree("ipvs") : {},
    node.container ? readTree("container") : {},
    node.existing ? {} : hosts(facts, node),
    pauseImage(facts.kubernetesVersion),
    registryFiles("/etc/containerd/certs.d", mirrors, authorities),
  );
}

/** Files that a control plane gets beside those of every node. The encryption key of Secrets is written apart. */
export function controlPlaneFiles(
  { pace, podSecurity, slowEtcdDisk }: Pick<ClusterFacts, "pace" | "podSecurity" | "slowEtcdDisk">,
  kubeadmConfig: string,
): FileSet {
  const tree = readTree("control-plane");
  return merge(
    podSecurity === "reported" ? { ...tree, ...reportedAdmission(tree) } : tree,
    pace === "emulated" ? readTree("emulated") : {},
    file("/etc/kubernetes/kjerne/slow-etcd-disk", `${slowEtcdDisk ?? defaults.slowEtcdDisk}\n`), // kjerne-etcd-disk reads it
    file("/etc/kubernetes/kjerne/kubeadm.yaml", kubeadmConfig, "0600"),
  );
}

const admission = "/etc/kubernetes/kjerne/admission.yaml";

/** Takes every pod, and warns of those that the enforced level would refuse. */
function reportedAdmission(tree: FileSet): FileSet {
  const config = parseDocument(tree[admission]?.content ?? "");
  const level = (mode: string) => ["plugins", 0, "configuration", "defaults", mode];
  const enforced = config.getIn(level("enforce"));
  for (const mode of ["audit", "warn"]) config.setIn(level(mode), enforced);
  config.setIn(level("enforce"), "privileged");
  return file(admission, config.toString({ lineWidth: 0 }));
}

/** Lines of /etc/hosts by which a node resolves its own name and the API server's without DNS. */
export function hostsLines(facts: ClusterFacts, node: NodeFacts): string[] {
  return [`${node.address} ${node.name}`, `${facts.endpoint.address} ${facts.endpoint.host}`];
}

function hosts(facts: ClusterFacts, node: NodeFacts): FileSet {
  const lines = ["127.0.0.1 localhost", "::1 localhost ip6-localhost ip6-loopback", ...hostsLines(facts, node)];
  return file("/etc/hosts", `${lines.join("\n")}\n`);
}

/** The pause image is a setting of containerd: kubeadm's `imageRepository` has no effect on it. */
function pauseImage(kubernetesVersion: string): FileSet {
  const release = versions.kubernetes[kubernetesVersion];
  if (!release) {
    const known = Object.keys(versions.kubernetes).join(", ");
    throw new Error(`Kubernetes ${kubernetesVersion} is not in versions.yaml; choose one of ${known}, or add it there`);
  }
  const lines = [
    "version = 3",
    "[plugins.'io.containerd.cri.v1.images'.pinned_images]",
    `sandbox = ${toml(`registry.k8s.io/pause:${release.pause}`)}`,
  ];
  return file("/etc/containerd/conf.d/90-kjerne-pause.toml", `${lines.join("\n")}\n`);
}

/**
 * For each registry the directory by which containerd finds its mirror
 * (https://github.com/containerd/containerd/blob/main/docs/hosts.md).
 *
 * @param directory Absolute, or empty for paths below the directory that `ctr --hosts-dir` gets.
 * @param authorities Certificates in PEM that containerd trusts beside the system's.
 */
export function registryFiles(directory: string, mirrors: readonly Mirror[], authorities?: string): FileSet {
  return merge(
    ...mirrors.map((one) => {
      const place = `${directory}/${one.registry}`;
      const trusts = authorities !== undefined && one.mirror.startsWith("https:");
      return merge(
        file(`${place}/hosts.toml`, hostsToml(one.mirror, trusts)),
        trusts ? file(`${place}/ca.crt`, `${authorities.trim()}\n`) : {},
      );
    }),
  );
}

/** `server` is what containerd falls back to: the mirror again, because the default is the upstream registry. */
function hostsToml(mirror: string, trusts: boolean): string {
  const path = new URL(mirror).pathname.split("/");
  const options = [
    ...(trusts ? [`ca = ${toml("ca.crt")}`] : []), // beside this file
    ...(path.includes("v2") ? ["override_path = true"] : []),
  ];
  const lines = [
    `server = ${toml(mirror)}`,
    ...options,
    `[host.${toml(mirror)}]`,
    `capabilities = ["pull", "resolve"]`,
    ...options,
  ];
  return `${lines.join("\n")}\n`;
}

/** A JSON string is also a basic string of TOML. */
function toml(text: string): string {
  return JSON.stringify(text);
}
