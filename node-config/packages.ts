/** Debian packages of a node image beyond the minimal system, grouped by why they are there. */
const system = [
  // A system that boots, answers SSH and keeps its clock synchronised.
  ["linux-image-cloud-amd64", "systemd-sysv", "libpam-systemd", "dbus", "udev", "kmod", "zstd"],
  ["openssh-server", "sudo", "cloud-init", "netplan.io", "chrony", "ca-certificates", "iproute2", "procps", "less"],
  ["e2fsprogs", "xfsprogs", "cloud-guest-utils"],
].flat();

/** What a machine needs that has such a system already. */
const software = [
  // Kubernetes, and what kubeadm, kubelet and kube-proxy call. kube-proxy has its own ipset; ipvsadm is for operators.
  ["kubeadm", "kubelet", "kubectl", "containerd", "cri-tools", "kubernetes-cni", "runc"],
  ["conntrack", "ethtool", "iptables", "nftables", "ipset", "ipvsadm", "socat", "mount", "util-linux"],
  // What kjerne's own scripts call.
  ["jq", "python3", "python3-yaml", "python3-cryptography", "fio", "curl"],
].flat();

type Role = "control-plane" | "worker";

/** Versions by package name, or digests by image name: those that a supply's index gives. */
type Versions = Readonly<Record<string, string>>;

/**
 * The packages of a node image as apt takes them: with the version of the supply's index, `kubelet=1.36.3-1`, or the
 * name alone.
 *
 * @param further What control planes need beside. @default - nothing
 */
export function nodePackages(index: Versions, further: readonly string[] = []): string[] {
  return [...system, ...softwareOf(index), ...further].map(versioned(index));
}

/**
 * The packages that a machine needs which kjerne did not make, in the same form and the same versions. Not fio on
 * workers, which have no etcd whose disk it measures: half of all further packages would come with it.
 *
 * @param further What nodes of this role need beside. @default - nothing
 */
export function machinePackages(index: Versions, role: Role, further: readonly string[] = []): string[] {
  const software = softwareOf(index);
  const own = role === "control-plane" ? software : software.filter((name) => name !== "fio");
  return [...own, ...further].map(versioned(index));
}

/** Images that only control planes run. */
const ofControlPlanes = /\/(kube-apiserver|kube-controller-manager|kube-scheduler|etcd):/;

/** Of the images of a supply's index, name → digest, those that a node of the given role runs. */
export function imagesOf(role: Role, images: Versions): Versions {
  if (role === "control-plane") return images;
  return Object.fromEntries(Object.entries(images).filter(([name]) => !ofControlPlanes.test(name)));
}

/** Names of the packages in `machinePackages` that only an upgrade of the cluster may change. */
export function heldPackages(index: Versions): string[] {
  return ["kubeadm", "kubelet", "kubectl", runtimeOf(index), "cri-tools", "kubernetes-cni"];
}

/** Version of the container runtime in the form that nodes report it: without the package's own part. */
export function runtimeVersion(index: Versions): string | undefined {
  return index[runtimeOf(index)]?.split("-")[0];
}

/** Docker's package of containerd has another name, and runc in it. */
const runtimeOf = (index: Versions) => (index["containerd.io"] === undefined ? "containerd" : "containerd.io");

function softwareOf(index: Versions): string[] {
  if (runtimeOf(index) === "containerd") return software;
  return software.filter((name) => name !== "runc").map((name) => (name === "containerd" ? runtimeOf(index) : name));
}

const versioned = (index: Versions) => (name: string) => (index[name] ? `${name}=${index[name]}` : name);
